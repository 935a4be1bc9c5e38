#!/bin/sh
# What the tests need beyond Python: Chromium, Chinese fonts, PostgreSQL. Root installs them; others are told.
set -eu
need=""
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || need="$need chromium"
fc-list :lang=zh 2>/dev/null | grep -q . || need="$need fontconfig fonts-noto-cjk"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || need="$need postgresql"
[ -z "$need" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing$need …"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $need >/dev/null
else
    echo "The tests also need:$need (Debian and Ubuntu: apt-get install$need)" >&2
    [ -z "${CI:-}" ] || exit 1
fi
