#!/bin/sh
# Makes a database on the first start, as POSTGRES_* ask for it, then becomes the server.
set -eu

readonly SOCKETS=/var/run/postgresql
readonly SCRIPTS=/docker-entrypoint-initdb.d

fail() {
	echo "docker-entrypoint: $1" >&2
	exit 1
}

# setting NAME DEFAULT: a variable's value, or the content of the file that NAME_FILE names.
setting() {
	eval "value=\${$1:-} file=\${$1_FILE:-}"
	[ -z "$value" ] || [ -z "$file" ] || fail "$1 and $1_FILE are both set; set one of them"
	if [ -n "$file" ]; then
		[ -r "$file" ] || fail "cannot read $file, named by $1_FILE"
		value=$(cat "$file")
	fi
	eval "$1=\${value:-\$2}"
	unset "$1_FILE"
}

# The folders may be fresh mounts that belong to root.
become_postgres() {
	mkdir -p "$PGDATA" "$SOCKETS"
	find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
	find "$SOCKETS" \! -user postgres -exec chown postgres '{}' +
	chmod 700 "$PGDATA"
	chmod 3777 "$SOCKETS" || :
	exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
}

read_settings() {
	setting POSTGRES_PASSWORD ''
	setting POSTGRES_USER postgres
	setting POSTGRES_DB "$POSTGRES_USER"
	setting POSTGRES_INITDB_ARGS ''
	POSTGRES_HOST_AUTH_METHOD=${POSTGRES_HOST_AUTH_METHOD:-}
	[ -n "$POSTGRES_PASSWORD" ] || [ "$POSTGRES_HOST_AUTH_METHOD" = trust ] ||
		fail 'no password: set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE (or POSTGRES_HOST_AUTH_METHOD=trust)'
}

make_cluster() {
	set -- --username="$POSTGRES_USER"
	[ -z "$POSTGRES_PASSWORD" ] || set -- "$@" --pwfile=/dev/stdin
	[ -z "${POSTGRES_INITDB_WALDIR:-}" ] || set -- "$@" --waldir="$POSTGRES_INITDB_WALDIR"
	# shellcheck disable=SC2086 # one argument per word
	printf '%s\n' "$POSTGRES_PASSWORD" | initdb "$@" $POSTGRES_INITDB_ARGS
	method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption)}
	printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

query() {
	PGHOST='' PGHOSTADDR='' psql --no-psqlrc --no-password -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" "$@"
}

make_database() {
	[ "$POSTGRES_DB" != postgres ] || return 0
	echo 'CREATE DATABASE :"name";' | query --dbname postgres --set name="$POSTGRES_DB"
}

run_scripts() {
	[ -r "$SCRIPTS" ] || fail "user $(id -u) cannot read $SCRIPTS"
	for script in "$SCRIPTS"/*; do
		[ -e "$script" ] || continue
		echo "docker-entrypoint: $script"
		case "$script" in
		*.sh) if [ -x "$script" ]; then "$script"; else . "$script"; fi ;;
		*.sql) query --dbname "$POSTGRES_DB" --file "$script" ;;
		*.sql.gz) gunzip --stdout "$script" | query --dbname "$POSTGRES_DB" ;;
		*) echo "docker-entrypoint: ignored $script" ;;
		esac
	done
}

# The server of these moments is reached through its socket alone: nobody meets half a database.
first_start() {
	read_settings
	export POSTGRES_USER POSTGRES_DB
	umask 077
	make_cluster
	PGUSER=$POSTGRES_USER pg_ctl --pgdata="$PGDATA" --options="-c listen_addresses=''" --wait start
	make_database
	run_scripts
	pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
	unset POSTGRES_PASSWORD
}

case "${1:-}" in
-*) set -- postgres "$@" ;;
esac
[ "${1:-}" = postgres ] || exec "$@"
case " $* " in
*' --help '* | *' -? '* | *' --version '* | *' -V '* | *' --describe-config '*) exec "$@" ;;
esac
[ "$(id -u)" != 0 ] || become_postgres "$@"
mkdir -p "$PGDATA"
chmod 700 "$PGDATA" 2>/dev/null || :
[ -s "$PGDATA/PG_VERSION" ] || first_start
exec "$@"
