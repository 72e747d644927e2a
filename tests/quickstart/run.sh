#!/usr/bin/env bash
# The main job on a real project: snapshot, damage, diff, restore, verify. Every command is printed before it runs.
#   run.sh         makes a project in a scratch directory and leaves it there to play with
#   run.sh DIR     takes a snapshot of the project in DIR and verifies it
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
directory=${1:-}
[ -z "$directory" ] || directory=$(cd "$directory" && pwd)

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() {
  printf '\033[2m$\033[0m %s\n' "$*"
  "$@"
}
shell() {
  printf '\033[2m$\033[0m %s\n' "$1"
  bash -c "$1"
}

say "Building savepoint"
cd "$top"
cmake --preset release >/dev/null
cmake --build --preset release
export PATH="$top/build/release/bin:$PATH"

if [ -n "$directory" ]; then
  cd "$directory"
  run savepoint snapshot -m "quickstart"
  run savepoint verify latest --read-data
  exit
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/savepoint-quickstart-XXXXXX")
export XDG_DATA_HOME="$scratch/data"
shop="$scratch/corner-shop"

say "A small web application, with its database in use"
python3 tests/quickstart/make_project.py "$shop"
cd "$shop"
coproc orders { exec python3 "$top/tests/quickstart/place_orders.py" "$shop/prisma/dev.db"; }
# shellcheck disable=SC2154 # set by coproc
orders_pid=$orders_PID
trap 'kill "$orders_pid" 2>/dev/null || true' EXIT
read -r -u "${orders[0]}" _
run git status --short

say "Take a snapshot while orders keep coming in"
run savepoint snapshot -m "before the big change"
run savepoint list

kill "$orders_pid"
wait "$orders_pid" 2>/dev/null || true
trap - EXIT
rows=$(sqlite3 prisma/dev.db 'SELECT count(*) FROM "Order"' 2>/dev/null || echo '?')

say "Now it goes wrong: sources deleted, work reset, tables emptied, secrets gone"
shell 'git reset -q --hard && rm -rf src docs .env.local'
shell "sqlite3 prisma/dev.db 'DELETE FROM \"Order\"; DROP TABLE \"Customer\";'"
printf '(there were %s orders)\n' "$rows"

say "What is different from the snapshot?"
run savepoint diff latest

say "Put it back: files and database together"
run savepoint restore latest --with-config --yes
run savepoint diff latest
shell "sqlite3 prisma/dev.db 'SELECT count(*) || \" orders\" FROM \"Order\"; SELECT count(*) || \" customers\" FROM \"Customer\";'"

say "Even that can be undone, and redone"
run savepoint undo --yes
run savepoint undo --yes

say "Is everything in the store as it was written?"
run savepoint verify --all --read-data --rehearse

cat <<TEXT

The project is yours to play with:
  cd $shop
  export PATH=$top/build/release/bin:\$PATH XDG_DATA_HOME=$XDG_DATA_HOME
  savepoint status
TEXT
