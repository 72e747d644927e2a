#!/bin/sh
# run.sh PROGRAM CORPUS PLACE: one fuzz target for SAVEPOINT_FUZZ_SECONDS (default 600). PLACE gets
# what it tried and found worth keeping, and as crash-*, oom-* or timeout-* what it failed on. Those
# are added to CORPUS, once mended, so that they are tried for ever.
set -eu
program=$1 corpus=$2 place=$3
mkdir -p "$place/corpus"
exec "$program" -max_total_time="${SAVEPOINT_FUZZ_SECONDS:-600}" -max_len=16384 -rss_limit_mb=512 \
  -malloc_limit_mb=256 -timeout=10 -print_final_stats=1 -artifact_prefix="$place/" \
  "$place/corpus" "$corpus"
