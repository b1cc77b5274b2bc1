#!/usr/bin/env bash
# Makes images from Debian packages under the names that deploy/ and tests/support use, for a Docker
# engine that reaches no registry: tests/deploy/standins.sh [image ...]
#
# They behave as the official ones where Kesu looks (entry points, environment, ports, data folders);
# what is inside is older: RabbitMQ 3.10, PostgreSQL 15, Prometheus 2.42. Needs debootstrap, root and
# a Debian mirror. MIRROR names another mirror. Remove them with `docker image rm`.
set -euo pipefail

BASE=kesu-standin/base
IMAGES=${*:-python:3.11-slim rabbitmq:4-management postgres:18 prom/prometheus:v3.5.0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_base() {
    docker image inspect "$BASE" >/dev/null 2>&1 && return
    debootstrap --variant=minbase --include=ca-certificates bookworm "$work/root" ${MIRROR:+"$MIRROR"} >&2
    # Machines that need a certificate of their own to get out need it inside as well.
    if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
        cp /usr/local/share/ca-certificates/*.crt "$work/root/usr/local/share/ca-certificates/"
        chroot "$work/root" update-ca-certificates >&2
    fi
    printf '#!/bin/sh\nexit 101\n' >"$work/root/usr/sbin/policy-rc.d"
    chmod +x "$work/root/usr/sbin/policy-rc.d"
    tar -C "$work/root" -c . | docker import - "$BASE" >/dev/null
}

# build IMAGE, with the Dockerfile on standard input and the files of $work/context
build() {
    cat >"$work/context/Dockerfile"
    DOCKER_BUILDKIT=0 docker build --quiet --network host --tag "$1" "$work/context"
}

fresh_context() {
    rm -rf "$work/context"
    mkdir "$work/context"
}

python_image() {
    build "$1" <<EOF
FROM $BASE
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv \\
 && ln -s python3 /usr/bin/python && rm -rf /var/lib/apt/lists/*
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt
CMD ["python3"]
EOF
}

rabbitmq_image() {
    cat >"$work/context/docker-entrypoint.sh" <<'EOF'
#!/bin/sh
set -e
chown -R rabbitmq:rabbitmq /var/lib/rabbitmq
exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups "$@"
EOF
    build "$1" <<EOF
FROM $BASE
RUN apt-get update && apt-get install -y --no-install-recommends rabbitmq-server \\
 && rm -rf /var/lib/apt/lists/* /var/lib/rabbitmq/* \\
 && printf '[rabbitmq_management,rabbitmq_prometheus].\n' >/etc/rabbitmq/enabled_plugins \\
 && mkdir -p /etc/rabbitmq/conf.d && rm -f /etc/rabbitmq/rabbitmq.conf \\
 && printf 'loopback_users.guest = false\nlog.console = true\n' >/etc/rabbitmq/conf.d/10-defaults.conf \\
 && printf '#!/bin/sh\nexec /usr/lib/rabbitmq/bin/rabbitmq-server "\$@"\n' >/usr/local/bin/rabbitmq-server \\
 && chmod +x /usr/local/bin/rabbitmq-server
COPY docker-entrypoint.sh /usr/local/bin/
RUN chmod +x /usr/local/bin/docker-entrypoint.sh
ENV HOME=/var/lib/rabbitmq RABBITMQ_LOGS=- LANG=C.UTF-8 PATH=/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
VOLUME /var/lib/rabbitmq
EXPOSE 5672 15672 15692
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["rabbitmq-server"]
EOF
}

postgres_image() {
    cat >"$work/context/docker-entrypoint.sh" <<'EOF'
#!/bin/bash
set -e
user=${POSTGRES_USER:-postgres}
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" /var/run/postgresql
    chown -R postgres:postgres /var/lib/postgresql /var/run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$BASH_SOURCE" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb --username="$user" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:?}") --auth-host=scram-sha-256 >/dev/null
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
    # As the official image does: a first server without TCP, which pg_isready on the socket mistakes for the real one.
    pg_ctl -w -o "-c listen_addresses=''" start >/dev/null
    database=${POSTGRES_DB:-$user}
    [ "$database" = postgres ] || createdb --username="$user" "$database"
    pg_ctl -w -m fast stop >/dev/null
    echo 'PostgreSQL init process complete; ready for start up.'
fi
exec "$@"
EOF
    build "$1" <<EOF
FROM $BASE
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-15 \\
 && rm -rf /var/lib/apt/lists/* /var/lib/postgresql/*
COPY docker-entrypoint.sh /usr/local/bin/
RUN chmod +x /usr/local/bin/docker-entrypoint.sh
ENV PGDATA=/var/lib/postgresql/18/docker LANG=C.UTF-8 PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
VOLUME /var/lib/postgresql
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
EOF
}

prometheus_image() {
    build "$1" <<EOF
FROM $BASE
RUN apt-get update && apt-get install -y --no-install-recommends prometheus && rm -rf /var/lib/apt/lists/* \\
 && mkdir -p /prometheus && chown nobody:nogroup /prometheus
USER nobody
WORKDIR /prometheus
VOLUME /prometheus
EXPOSE 9090
ENTRYPOINT ["/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
EOF
}

make_base
for image in $IMAGES; do
    if docker image inspect "$image" >/dev/null 2>&1; then
        echo "$image is there"
        continue
    fi
    fresh_context
    case $image in
    python:*) python_image "$image" ;;
    rabbitmq:*) rabbitmq_image "$image" ;;
    postgres:*) postgres_image "$image" ;;
    prom/prometheus:*) prometheus_image "$image" ;;
    *) echo "no stand-in for $image" >&2 && exit 2 ;;
    esac
done
