#!/bin/sh
# Installs Debian's PostgreSQL for the tests that run on it where that is possible; elsewhere they skip and say so.
command -v postgres >/dev/null 2>&1 && exit 0
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    # The tests start a server of their own: Debian's cluster is neither made nor started.
    mkdir -p /etc/postgresql-common && [ -e /etc/postgresql-common/createcluster.conf ] \
        || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql; } >/dev/null \
        || echo "PostgreSQL could not be installed: the tests that run on it will be skipped." >&2
else
    echo "No PostgreSQL: the tests that run on it will be skipped (on Debian: apt-get install postgresql)." >&2
fi
