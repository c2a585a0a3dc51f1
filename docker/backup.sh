#!/usr/bin/env bash
# Write database and file store into one archive; works while the server runs.
#   docker compose -f docker/compose.yaml run --rm odoo backup.sh            (name with date and time)
#   docker compose -f docker/compose.yaml run --rm odoo backup.sh NAME.tar
set -euo pipefail

folder=/backups
name="${1:-$PGDATABASE-$(date -u +%Y%m%dT%H%M%SZ).tar}"
work="$(mktemp -d "$folder/.backup.XXXXXX")"
trap 'rm -rf "$work"' EXIT

# The dump first: files of later attachments do no harm, files that are missing would.
pg_dump --format=custom --file="$work/database.dump"
mkdir -p "/var/lib/odoo/filestore/$PGDATABASE"
tar -C "/var/lib/odoo/filestore/$PGDATABASE" -cf "$work/filestore.tar" .
tar -C "$work" -cf "$work/complete.tar" database.dump filestore.tar
mv "$work/complete.tar" "$folder/$name"
echo "Backup written: $folder/$name ($(du -h "$folder/$name" | cut -f1))"
