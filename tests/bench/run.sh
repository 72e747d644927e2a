#!/usr/bin/env bash
# Builds savepoint as users run it, installs the peers, and measures. Options are passed on to bench.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
missing=()
for package in python3 linux-source-6.1 restic borgbackup zstd xz-utils npm postgresql sqlite3 strace; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
command -v npm >/dev/null && missing=("${missing[@]/npm/}")
read -r -a missing <<<"${missing[*]}"
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] && sudo=() || sudo=(sudo)
  "${sudo[@]}" apt-get update -q >/dev/null
  "${sudo[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
fi
cmake --preset release >/dev/null
cmake --build --preset release >/dev/null
exec python3 -B tests/bench/bench.py "$@"
