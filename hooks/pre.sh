#!/bin/sh
for savepoint in "${SAVEPOINT_BIN-}/savepoint-hooks" '@EXECUTABLE@' PATH \
  /usr/local/bin/savepoint-hooks /opt/homebrew/bin/savepoint-hooks "${HOME-}/.local/bin/savepoint-hooks" NOWHERE; do
  if [ "$savepoint" = PATH ]; then savepoint=$(command -v savepoint-hooks) || continue; fi
  if [ "$savepoint" = NOWHERE ] && [ "${SAVEPOINT-}" != 0 ] && [ "$(git config --type=bool savepoint.hooks.require)" = true ]; then
    echo "savepoint: savepoint-hooks is nowhere, and savepoint.hooks.require wants it; to go on: SAVEPOINT=0 git ..." >&2; exit 1
  fi
  case $savepoint in /*) ;; *) continue ;; esac
  if [ "${SAVEPOINT-}" != 0 ] && [ -f "$savepoint" ] && [ -x "$savepoint" ]; then
    "$savepoint" run @HOOK@ -- "$@" </dev/null || [ $? -ne 3 ] || exit 1
    break
  fi
done
