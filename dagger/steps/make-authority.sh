#!/bin/sh
# Makes an authority and a certificate of it for one host: ca.pem, cert.pem, key.pem.
# Usage: make-authority.sh HOST OUT
set -eu

host=$1
out=$2
mkdir -p "$out"
cd "$out"
new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

new_key ca.key
openssl req -x509 -new -key ca.key -days 30 -subj "/CN=authority of the registry zoo" -out ca.pem \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign"
new_key key.pem
printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$host" >extensions
openssl req -new -key key.pem -subj "/CN=$host" -out request.pem
openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile extensions -out cert.pem
rm ca.key request.pem extensions
