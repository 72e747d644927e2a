#!/bin/sh
for savepoint in "${SAVEPOINT_BIN-}/savepoint-hooks" '@EXECUTABLE@' PATH \
  /usr/local/bin/savepoint-hooks /opt/homebrew/bin/savepoint-hooks "${HOME-}/.local/bin/savepoint-hooks"; do
  if [ "$savepoint" = PATH ]; then savepoint=$(command -v savepoint-hooks) || continue; fi
  case $savepoint in /*) ;; *) continue ;; esac
  if [ "${SAVEPOINT-}" != 0 ] && [ -f "$savepoint" ] && [ -x "$savepoint" ]; then
    "$savepoint" run @HOOK@ -- "$@" </dev/null || :
    break
  fi
done
