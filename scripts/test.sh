#!/bin/sh
# make test: everything on SQLite, then on PostgreSQL with the browser journeys marked smoke.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh test
python=.venv/bin/python
umask 077

# Two files at a time, each process with a database, a portal and a browser of its own.
at_once="-n 2 --dist loadfile"

# Ctrl-C reaches what runs below by itself; this script waits for it to tidy up.
trap : INT
status=0
echo "== SQLite"
env -u TEST_DATABASE_URL "$python" -m pytest $at_once "$@" || status=$?
# Interrupted: the person wants the prompt back, not the second half.
[ "$status" -ne 2 ] || exit "$status"
echo "== PostgreSQL"
"$python" scripts/with_postgres.py "$python" -m pytest $at_once -m "not browser or smoke" "$@" || status=$?
exit "$status"
