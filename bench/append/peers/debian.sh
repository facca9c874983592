#!/usr/bin/env bash
# The Debian packages of a peer, unpacked into a folder of our own: nothing is installed, nothing of the system's apt is
# changed (as in .ci/native-postgres.sh, which explains the ways). Kept and reused.
#
#   bench/append/peers/debian.sh NAME PACKAGE[/SUITE]...   the last line of stdout is the folder
set -euo pipefail

name=$1
shift
home=${MILLRACE_PG_HOME:-${TMPDIR:-/tmp}/millrace-postgres}/append-peers
root=$home/$name
apt=$home/apt
die() { echo "debian.sh: $*" >&2; exit 1; }

mkdir -p "$home"
exec 9> "$home/.lock"
flock -w 120 9 || die "another run holds $home/.lock since two minutes"
if [ -e "$root/.ready" ]; then echo "$root"; exit; fi

codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-unknown}")
[ "$codename" = bookworm ] || die "expected Debian 12 (bookworm), found $codename"
rm -rf "$root"
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$root/debs"

# The system's sources, and the packages of the next suite for what is too old in this one.
system=/etc/apt/sources.list.d/debian.sources
if [ -f "$system" ]; then
  sources=$apt/list.sources
  { cat "$system"; echo; awk -v RS= 'NR == 1' "$system" | sed -e 's/^Suites:.*/Suites: trixie/'; } > "$sources"
else
  system=/etc/apt/sources.list
  sources=$apt/list.list
  { grep '^deb ' "$system"; grep -m1 '^deb .*bookworm ' "$system" | sed 's/bookworm /trixie /'; } > "$sources"
fi
own_apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$sources" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" -o Debug::NoLocking=true \
    -o APT::Default-Release=bookworm -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# Lists younger than an hour serve the other peers of this run too.
if [ -z "$(find "$apt/.updated" -mmin -60 2>/dev/null)" ]; then
  own_apt update >&2 || die 'apt-get update: the package lists could not be fetched'
  touch "$apt/.updated"
fi
cd "$root/debs"
own_apt download "$@" >&2 || die "apt-get download $*: could not be fetched"
for package in *.deb; do dpkg -x "$package" "$root"; done
rm -rf "$root/debs"
touch "$root/.ready"
echo "$root"
