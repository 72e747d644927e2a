#!/bin/sh
if [ -x "${0%/*}/savepoint-orig/@HOOK@" ]; then exec "${0%/*}/savepoint-orig/@HOOK@" "$@"; fi
