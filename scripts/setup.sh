#!/bin/sh
# Make the checkout ready: Debian packages, .venv, pinned packages. Silent when nothing is missing.
#
#   sh scripts/setup.sh run|check|test|bench
#
# run and check differ in the pinned packages; test and bench add a browser, a database server
# and one tool from npm each: the Nu HTML checker, Lighthouse.
# PYTHON names the interpreter for a new .venv (python3).
set -eu
cd "$(dirname "$0")/.."
umask 022
purpose=${1:?run, check, test or bench}
python=${PYTHON:-python3}

stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

version=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) ||
    stop "找不到可用的 Python（$python）。请安装 Python 3.11 或更新的版本，再运行一次。"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "需要 Python 3.11 或更新的版本，而 $python 是 $version。请安装较新的版本，并用 PYTHON 指明，例如：make $purpose PYTHON=python3.12"

# Debian packages ---------------------------------------------------------------------------
has_postgres() {
    command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}
installed() {
    dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}
has_chinese_font() {
    installed fonts-noto-cjk || [ -n "$(fc-list ':lang=zh-cn' family 2>/dev/null)" ]
}

missing=
need() { missing="$missing $1"; }
# A Python that is not Debian's brings its own venv, and Debian's package would not help it.
[ -e .venv/bin/pip ] || "$python" -c 'import ensurepip, venv' 2>/dev/null || need python3-venv
if [ "$purpose" != check ]; then
    has_chinese_font || need fonts-noto-cjk
fi
case $purpose in
test | bench)
    command -v chromium >/dev/null || need chromium
    [ -n "${TEST_DATABASE_URL:-}" ] || has_postgres || need postgresql
    ;;
esac
if [ "$purpose" = test ]; then
    command -v redis-server >/dev/null || need redis-server
    command -v soffice >/dev/null || need libreoffice-calc-nogui # saves the lists that tests read
    java -version >/dev/null 2>&1 || need default-jre-headless # runs the Nu HTML checker
fi

apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends \
        -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$1"
}
# Lists may be absent (a bare image) or so old that the files they name are gone.
apt_install_fresh() {
    if apt-get install --simulate "$1" >/dev/null 2>&1 && apt_install "$1"; then
        return
    fi
    apt-get update --quiet && apt_install "$1"
}

# Tests make a cluster of their own; Debian's package would make and start one more.
apt_install_postgresql() {
    clusters=/etc/postgresql-common/createcluster.conf
    apt_install_fresh postgresql-common && cp -p "$clusters" "$clusters.kept" || return
    trap 'mv "$clusters.kept" "$clusters"' EXIT
    trap 'exit 1' HUP INT TERM
    echo 'create_main_cluster = false' >>"$clusters"
    apt_install_fresh postgresql
    result=$?
    mv "$clusters.kept" "$clusters"
    trap - EXIT HUP INT TERM
    return "$result"
}

if [ -n "$missing" ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        stop "缺少 Debian 软件包$missing。请管理员运行 apt-get install$missing，然后再运行一次 make $purpose。"
    fi
    echo "安装 Debian 软件包$missing……"
    for package in $missing; do
        case $package in
        postgresql) apt_install_postgresql ;;
        *) apt_install_fresh "$package" ;;
        esac || stop "$package 没有装上。请检查网络与软件源后再运行一次。"
    done
fi

# Python packages ---------------------------------------------------------------------------
requirements=requirements-dev.txt
[ "$purpose" != run ] || requirements=requirements.txt
stamp=.venv/.${requirements%.txt}
# The interpreter's version too: after an upgrade of the system the old packages are out of reach.
state() { echo "$(sha256sum <"$requirements") $(.venv/bin/python -V 2>/dev/null)"; }
if [ "$(cat "$stamp" 2>/dev/null)" != "$(state)" ]; then
    # A .venv of which the interpreter is gone or too old, or that was cut off half-made, is made
    # anew.
    .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
        echo "建立 .venv（Python $version）……"
        "$python" -m venv --clear .venv
    }
    echo "安装 $requirements 中的软件包，首次约需一两分钟……"
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes \
        --requirement "$requirements" ||
        stop "软件包没有装全。请检查网络与 pip 的设置后再运行一次。"
    state >"$stamp"
fi

# Tools from npm ----------------------------------------------------------------------------
# npm is one of the pinned Python packages. A folder each: npm takes away what it was not told of.
# Packages' own scripts do not run, so that nothing is fetched from anywhere else.
npm_tool() {
    folder=.venv/npm/$1
    [ "$(cat "$folder/version" 2>/dev/null)" != "$2" ] || return 0
    echo "安装 $1 $2……"
    rm -rf "$folder" && mkdir -p "$folder"
    .venv/bin/npm install --prefix "$folder" --no-save --no-package-lock --ignore-scripts \
        --no-audit --no-fund --silent "$1@$2" ||
        stop "$1 没有装上。请检查网络与 npm 的设置后再运行一次。"
    echo "$2" >"$folder/version"
}
case $purpose in
test) npm_tool vnu-jar 26.9.27 ;;
bench) npm_tool lighthouse 13.5.0 ;;
esac
