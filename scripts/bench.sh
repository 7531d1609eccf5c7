#!/bin/sh
# make bench: the promised figures, each beside its bound; status 1 when one is missed.
#
# Ratios of one run, on this machine and its loopback alone. ARGS go to the search's part, which
# measures 20,000 articles unless told otherwise. Method and results: docs/performance.md.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh bench
python=.venv/bin/python
umask 077
export PYTHONPATH=.

# Ctrl-C reaches what runs below by itself; this script waits for it to tidy up.
trap : INT
failed=
part() {
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed $name"
}
part 文章页 "$python" scripts/bench/pages.py
part 检索·SQLite env -u TEST_DATABASE_URL "$python" scripts/bench/search.py "$@"
part 检索·PostgreSQL "$python" scripts/with_postgres.py "$python" scripts/bench/search.py "$@"

[ -z "$failed" ] || {
    echo "未达到：$failed" >&2
    exit 1
}
