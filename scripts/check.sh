#!/bin/sh
# make check: every static gate; all of them run, and the exit status says whether all passed.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh check
PATH=$PWD/.venv/bin:$PATH
umask 077

failed=
gate() {
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed $name"
}

# As an installation on a real address is checked, in an environment that holds nothing else.
production() (
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 1' HUP INT TERM
    key=$(python -c 'import secrets; print(secrets.token_urlsafe(64))')
    manage() {
        env -i PATH="$PATH" LC_ALL=C.UTF-8 BASE_URL=https://example.org SECRET_KEY="$key" \
            TRUSTED_PROXIES=127.0.0.1/32 VAR_DIR="$folder" python manage.py "$@"
    }
    manage migrate --verbosity 0 &&
        manage check --deploy --fail-level WARNING --database default
)

# What no commit may carry: the address of a package registry, or a folder of one machine.
# (A character class each, so that this file does not find itself.)
no_stray_addresses() {
    ! git grep --untracked -nIE 'files[.]pythonhosted|pypi[.]org/simple|registry[.]npmjs|deb[.]debian[.]org|(^|[^[:alnum:]_./-])/(work|root|home/[a-z]+)/'
}

gate ruff python -m ruff check
gate format python -m ruff format --check
gate mypy python -m mypy portal members newsletter tests scripts
gate djlint python -m djlint --lint --quiet --profile django templates
gate bandit python -m bandit -q -c pyproject.toml -r portal members newsletter
gate migrations python manage.py makemigrations --check --dry-run
gate deploy production
[ ! -e .git ] || gate addresses no_stray_addresses

[ -z "$failed" ] || {
    echo "未通过：$failed" >&2
    exit 1
}
