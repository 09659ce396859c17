#!/bin/sh
# Takes from an image of node what the public slim one lacks: certificates, and npm settings that point at them.
# Usage: like-public-node.sh
set -eu

dpkg --purge --force-depends ca-certificates openssl >/dev/null 2>&1
rm -rf /etc/ssl/certs /usr/local/share/ca-certificates /usr/local/etc/npmrc
