#!/usr/bin/env bash
# A real PostgreSQL 15 with pgvector, for the tests that one embedded session cannot stand for.
#
#   .ci/native-postgres.sh COMMAND...   starts a fresh server, runs COMMAND with DATABASE_URL set, stops the server
#                                       and exits with COMMAND's status
#   .ci/native-postgres.sh              starts a server (or finds it running) and leaves it; the last line of stdout
#                                       is its URL, stderr says how to stop it
#
# Debian 12 with gcc and make is enough. PostgreSQL's packages and pgvector's source come from the system's own apt
# sources, through an apt state of our own: nothing is installed, nothing of the system's apt is changed. The build is
# kept in $MILLRACE_PG_HOME and reused; a second call starts in about a second.
#   MILLRACE_PG_HOME  where everything lives. Default ${TMPDIR:-/tmp}/millrace-postgres
#   MILLRACE_PG_PORT  Default: the first free port from 55432
#   MILLRACE_PG_USER  who runs the server when we are root, which PostgreSQL refuses to be. Default nobody
set -euo pipefail

home=${MILLRACE_PG_HOME:-${TMPDIR:-/tmp}/millrace-postgres}
port=${MILLRACE_PG_PORT:-}
user=${MILLRACE_PG_USER:-nobody}
version=15
root=$home/root-$version
bin=$root/usr/lib/postgresql/$version/bin
export LC_ALL=C.UTF-8

log() { printf 'native-postgres %3ss: %s\n' "$SECONDS" "$*" >&2; }
die() { log "FAILED: $*"; exit 1; }
is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The system's sources, plus the source packages of the next suite, which is the one that has pgvector.
write_sources() {
  local system=/etc/apt/sources.list.d/debian.sources
  if [ -f "$system" ]; then
    sources=$apt/list.sources
    { cat "$system"; echo
      awk -v RS= 'NR == 1' "$system" | sed -e 's/^Types:.*/Types: deb-src/' -e 's/^Suites:.*/Suites: trixie/'
    } > "$sources"
  else
    system=/etc/apt/sources.list
    grep -q '^deb .*bookworm' "$system" || die "expected Debian 12's apt sources in $system, found none"
    sources=$apt/list.list
    { grep '^deb ' "$system"
      grep -m1 '^deb .*bookworm ' "$system" | sed -E -e 's/^deb/deb-src/' -e 's/bookworm /trixie /'
    } > "$sources"
  fi
}

own_apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$sources" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" -o Debug::NoLocking=true \
    -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

missing_libraries() { ldd "$bin/postgres" "$bin/psql" "$bin/initdb" | grep 'not found' | sort -u; }

# Libraries that the system lacks come along, unpacked like the rest.
use_own_libraries() {
  local triplet
  triplet=$(gcc -print-multiarch)
  export LD_LIBRARY_PATH=$root/usr/lib/$triplet:$root/lib/$triplet${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

build() {
  local codename tool make_vector
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")
  [ "$codename" = bookworm ] || die "expected Debian 12 (bookworm), whose PostgreSQL $version this builds on, found $codename"
  for tool in apt-get dpkg gcc make tar setpriv; do
    command -v "$tool" >/dev/null || die "expected $tool on this machine, found none: apt-get install gcc make"
  done
  apt=$home/apt
  rm -rf "$root" "$apt" "$home/pgvector"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs" "$root" "$home/pgvector"
  write_sources
  own_apt update >&2 || die 'apt-get update: the package lists could not be fetched'
  cd "$apt/debs"
  own_apt download "postgresql-$version" "postgresql-client-$version" "postgresql-server-dev-$version" >&2
  own_apt source --download-only pgvector >&2
  for tool in *.deb; do dpkg -x "$tool" "$root"; done
  if [ -n "$(missing_libraries)" ]; then
    own_apt install --download-only -y --no-install-recommends \
      "postgresql-$version" "postgresql-client-$version" >&2
    for tool in "$apt"/cache/archives/*.deb; do dpkg -x "$tool" "$root"; done
  fi
  use_own_libraries
  [ -z "$(missing_libraries)" ] || die "libraries are missing: $(missing_libraries | tr -s '\t\n' ' ')"
  log 'packages fetched and unpacked'

  tar -xzf pgvector_*.orig.tar.gz -C "$home/pgvector" --strip-components=1
  # No JIT, no OPTFLAGS: portable code, which picks its SIMD by itself at run time.
  make_vector=(make -s -C "$home/pgvector" "PG_CONFIG=$bin/pg_config" with_llvm=no OPTFLAGS=)
  { "${make_vector[@]}" -j"$(nproc)" && "${make_vector[@]}" install; } > "$home/build.log" 2>&1 || {
    cat "$home/build.log" >&2
    die 'pgvector did not build, see above'
  }
  touch "$root/.ready"
  log 'pgvector built'
}

mkdir -p "$home"
home=$(cd "$home" && pwd)
exec 9> "$home/.lock"
flock -w 300 9 || die "another build holds $home/.lock since five minutes"
[ -e "$root/.ready" ] || (build 9>&-)
flock -u 9
exec 9>&-
use_own_libraries

if [ -z "$port" ]; then
  port=55432
  while is_open "$port"; do port=$((port + 1)); done
fi
run=$home/run-$port
data=$run/data
url=postgres://postgres@127.0.0.1:$port/postgres

as_server=()
if [ "$(id -u)" = 0 ]; then
  as_server=(setpriv "--reuid=$user" "--regid=$(id -gn "$user")" --clear-groups)
fi
"${as_server[@]}" test -x "$home" || die "expected $home to be reachable by $user: set MILLRACE_PG_HOME"

start() {
  if [ ! -e "$data/PG_VERSION" ]; then
    rm -rf "$run"
    mkdir -p "$run"
    [ "$(id -u)" != 0 ] || chown "$user" "$run"
    cd "$run"
    "${as_server[@]}" "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 > "$home/initdb-$port.log" 2>&1 || {
      cat "$home/initdb-$port.log" >&2
      die 'initdb, see above'
    }
    # Parallel HNSW builds overflow in pgvector 0.8.0, hence no parallel maintenance.
    "${as_server[@]}" tee -a "$data/postgresql.conf" > /dev/null <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$run'
max_connections = 200
shared_buffers = 256MB
maintenance_work_mem = 256MB
max_parallel_maintenance_workers = 0
CONF
  fi
  cd "$run"
  "${as_server[@]}" "$bin/pg_ctl" -D "$data" -l "$run/server.log" -w -t 60 start > /dev/null || {
    cat "$run/server.log" >&2
    die "the server did not start on port $port, see above"
  }
  "$bin/psql" -X -q -h "$run" -p "$port" -U postgres -v ON_ERROR_STOP=1 \
    -c 'set client_min_messages = warning' -c 'create extension if not exists vector' >&2
  log "PostgreSQL $("$bin/psql" -X -At -h "$run" -p "$port" -U postgres -c 'show server_version') at $url, pid $(head -1 "$data/postmaster.pid")"
}

if [ $# = 0 ]; then
  "${as_server[@]}" "$bin/pg_ctl" -D "$data" status > /dev/null 2>&1 || (start)
  log "stop it with: kill -INT $(head -1 "$data/postmaster.pid")"
  echo "$url"
  exit
fi

stop() {
  [ -e "$data/postmaster.pid" ] || return 0
  "${as_server[@]}" "$bin/pg_ctl" -D "$data" -m immediate -w -t 30 stop > /dev/null || log "could not stop the server of $data"
  rm -rf "$run"
}

! is_open "$port" || die "expected port $port to be free, found something listening: set MILLRACE_PG_PORT"
rm -rf "$run"
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
(start)
status=0
env -u LD_LIBRARY_PATH DATABASE_URL="$url" "$@" || status=$?
exit "$status"
