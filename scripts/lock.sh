#!/bin/sh
# make lock: compile pyproject.toml into the two pinned, hashed files; --upgrade takes newer ones.
#
# A package may ask for a newer Python than the oldest one promised, so the choice is made by
# that one: Debian 12's. Whatever index this machine uses stays out of the files.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-/usr/bin/python3}
"$python" -c 'import sys; sys.exit(sys.version_info[:3] > (3, 11, 2))' || {
    echo "锁定依赖须用 Debian 12 自带的 Python 3.11.2，否则可能选出它装不上的版本。请用 PYTHON 指明。" >&2
    exit 1
}
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
trap 'exit 1' HUP INT TERM
"$python" -m venv "$tools"
"$tools/bin/python" -m pip install --quiet --quiet --disable-pip-version-check \
    "$(sed -n 's/^\(pip-tools==[^ ]*\).*/\1/p' requirements-dev.txt)"

export CUSTOM_COMPILE_COMMAND="make lock"
compile() {
    "$tools/bin/python" -m piptools compile --quiet --generate-hashes --strip-extras \
        --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$@" \
        pyproject.toml
}
compile --output-file requirements.txt "$@"
# The second holds the first, version for version, so that one installation is enough.
compile --output-file requirements-dev.txt --extra dev --constraint requirements.txt "$@"
