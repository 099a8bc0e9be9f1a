# A folder for bases, and a PostgreSQL in it for those who ask for one; both end with the command that reads this file.
# KEEP=folder keeps the folder.
folder=${KEEP:-$(mktemp -d)}
mkdir -p "$folder"
postgres=
finish() {
    if [ -n "$postgres" ]; then as_owner "$programs/pg_ctl" stop --silent --mode=fast -D "$folder/postgres" || true; fi
    if [ -z "${KEEP:-}" ]; then rm -rf "$folder"; fi
}
trap finish EXIT

# PostgreSQL refuses to be run by root.
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

start_postgres() {
    local initdb
    initdb=$(command -v initdb || compgen -G "/usr/lib/postgresql/*/bin/initdb" | sort --version-sort | tail -1)
    programs=$(dirname "$(readlink -f "$initdb")")
    if [ "$(id -u)" -eq 0 ]; then chmod a+x "$folder" && install -d -m 700 -o postgres "$folder/postgres"; fi
    if [ ! -e "$folder/postgres/PG_VERSION" ]; then
        as_owner "$programs/initdb" --username=postgres --auth=trust --encoding=UTF8 --locale=C -D "$folder/postgres" >/dev/null
    fi
    # A free port; what matters for durability is as it comes: fsync and synchronous_commit are on.
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    as_owner "$programs/pg_ctl" start --silent --wait -D "$folder/postgres" -l "$folder/postgres/log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=512MB -c jit=off -c max_wal_size=4GB -c autovacuum=off"
    postgres=$(head -1 "$folder/postgres/postmaster.pid")
    url=postgres://postgres@127.0.0.1:$port/postgres
}
