#!/bin/sh
# Make .venv and install exactly the pinned wheels; say plainly what is missing on this machine.
set -eu
python=$1
pins=$2
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "o2o needs Python 3.11 or newer. Debian and Ubuntu: apt-get install python3 python3-venv" >&2
    exit 1
fi
if [ ! -x .venv/bin/python ]; then
    if ! "$python" -m venv .venv 2>/dev/null; then
        rm -rf .venv
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
            "$python" -m venv .venv
        else
            echo "Python's venv is missing. Debian and Ubuntu: apt-get install python3-venv" >&2
            exit 1
        fi
    fi
fi
echo "installing pinned wheels from $pins …"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$pins"
