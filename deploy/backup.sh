#!/bin/bash
# PostgreSQL's data once a day into /backups, the newest seven kept. A file is there as a whole or not at all. Restore: docs/operations/running.md.
set -euo pipefail
PGPASSWORD=$(</run/secrets/postgres_password)
export PGPASSWORD
trap 'exit 0' TERM INT
while :; do
    rm -f /backups/*.part
    name=/backups/sanitation-$(date -u +%Y%m%dT%H%M%SZ)
    if pg_dump --format=custom --file="$name.part"; then
        mv "$name.part" "$name.backup"
        echo "made $name.backup"
        find /backups -name '*.backup' | sort | head -n -7 | xargs -r rm -f
        pause=86400
    else
        echo "no backup was made; the next attempt is in ten minutes" >&2
        pause=600
    fi
    sleep "$pause" &
    wait $!
done
