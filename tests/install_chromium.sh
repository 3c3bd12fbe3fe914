#!/bin/sh
# Installs Debian's Chromium for the browser tests where that is possible; elsewhere they skip and say so.
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-core fonts-noto-cjk; } >/dev/null \
        || echo "Chromium could not be installed: the browser tests will be skipped." >&2
else
    echo "No Chromium: the browser tests will be skipped (on Debian: apt-get install chromium)." >&2
fi
