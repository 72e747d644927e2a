#!/bin/sh
savepoint_path=$(git config --type=path --get-all core.hooksPath | sed '\,/savepoint-hooks$,d' | tail -n 1)
if [ -z "$savepoint_path" ]; then savepoint_path=$(git rev-parse --git-common-dir)/hooks; fi
if [ -x "$savepoint_path/@HOOK@" ]; then exec "$savepoint_path/@HOOK@" "$@"; fi
