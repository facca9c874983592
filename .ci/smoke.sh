#!/usr/bin/env bash
# What a user gets: packs the package, installs the tarball into an empty folder, and runs it there on the embedded
# engine, with no key. Takes the folder to work in; needs node_modules, for its Node 24.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:?usage: .ci/smoke.sh FOLDER}
export PATH=$root/node_modules/.bin:$PATH

fail() { printf 'smoke: %s\n' "$*" >&2; exit 1; }

[ -x "$root/node_modules/.bin/node" ] || fail 'expected node_modules with Node 24: run npm ci first'
mkdir -p "$folder/app"
folder=$(cd "$folder" && pwd)
(cd "$root" && npm pack --loglevel=error --pack-destination "$folder" >&2)
cd "$folder/app"
# --prefix: npm would otherwise look for a project in the folders above.
npm install --prefix "$PWD" --no-audit --no-fund --loglevel=error "$folder"/millrace-*.tgz

printf 'smoke: installed %s in %s s\n' "$(du -sh node_modules | cut -f1)" "$SECONDS"

expected=$(node -p "require('$root/package.json').version")
found=$(npx --no -- millrace --version) || fail "millrace --version ended with status $?"
[ "$found" = "$expected" ] || fail "expected millrace --version to print $expected, found: $found"

started=$SECONDS
timeout 300 npx --no -- millrace demo > demo.txt 2> demo.err || {
  status=$?
  tail -n 40 demo.txt demo.err >&2
  fail "millrace demo ended with status $status"
}
# A citation is stream/shard/sequence.
cited=$(grep -oE '[a-z][a-z0-9._-]*/[0-9]+/[0-9]{6,}' demo.txt | sort -u | wc -l)
if [ "$cited" -lt 3 ]; then
  cat demo.txt >&2
  fail "expected the demo's answers to cite at least 3 records, found $cited"
fi
printf 'smoke: the demo cited %s records in %s s\n' "$cited" $((SECONDS - started))
