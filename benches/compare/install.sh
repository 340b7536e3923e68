#!/usr/bin/env bash
# Installs the peers below target/compare, in the versions that are pinned here. Needs Python 3.11,
# Node 20 and cargo, which compiles one of them for some minutes; SKIP_CARGO=1 leaves that one out.
# run.py calls what isn't there "not installed" and goes on, so one failure doesn't stop the others.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

pins=benches/compare
target=target/compare
mkdir -p "$target/node"

attempt() { # attempt NAME COMMAND...
  local name=$1
  shift
  echo "installing $name"
  "$@" >"$target/$name.log" 2>&1 || echo "FAIL installing $name: see $target/$name.log" >&2
}

python() {
  python3 -m venv --clear "$target/venv" &&
    "$target/venv/bin/pip" install --no-input --requirement "$pins/requirements.txt"
}

node() {
  cp "$pins/package.json" "$pins/package-lock.json" "$pins/.npmrc" "$target/node" &&
    npm ci --prefix "$target/node"
}

attempt python python
attempt node node
if [ -z "${SKIP_CARGO:-}" ]; then
  attempt jsonschema-cli cargo install --locked --root "$target/cargo" jsonschema-cli@0.60.2
fi
