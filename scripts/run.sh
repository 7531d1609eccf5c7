#!/bin/sh
# make run: bring the database and the static files up to date, then serve until stopped.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh run
python=.venv/bin/python
var=${VAR_DIR:-var}

# Whatever is made from here on holds members' data: for this account alone.
umask 077
{ mkdir -p "$var" && chmod 700 "$var"; } 2>/dev/null || {
    echo "不能建立或使用数据目录 $var。请核对 VAR_DIR 和目录的权限。" >&2
    exit 1
}

"$python" -m portal.supervisor check
"$python" manage.py set_up --verbosity 0
"$python" manage.py demo --if-empty

# Collected again only when a source, or the packages that bring some, changed.
sources=$(
    {
        cat requirements.txt portal/settings.py
        find static -type f -exec sha256sum {} + | sort
    } | sha256sum
)
if [ ! -f "$var/static/staticfiles.json" ] || [ "$(cat "$var/static.sha256" 2>/dev/null)" != "$sources" ]; then
    "$python" manage.py collectstatic --noinput --clear --verbosity 0
    printf '%s\n' "$sources" >"$var/static.sha256"
fi

exec "$python" -m portal.supervisor
