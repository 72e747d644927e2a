#!/usr/bin/env bash
# Builds savepoint as users run it, and measures. Options are passed on to bench.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
cmake --preset release >/dev/null
cmake --build --preset release
exec python3 -B tests/bench/bench.py "$@"
