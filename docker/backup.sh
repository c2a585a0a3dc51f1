#!/usr/bin/env bash
# Write database and file store into one archive; works while the server runs.
# (root, since the folder docker/backups belongs to whoever made the checkout)
#   docker compose -f docker/compose.yaml run --rm --user root odoo backup.sh
#   docker compose -f docker/compose.yaml run --rm --user root odoo backup.sh NAME.tar
set -euo pipefail

folder="${BACKUPS:-/backups}"
name="${1:-$PGDATABASE-$(date -u +%Y%m%dT%H%M%SZ).tar}"
work="$(mktemp -d "$folder/.backup.XXXXXX")"
trap 'rm -rf "$work"' EXIT

# The dump first: files of later attachments do no harm, files that are missing would.
pg_dump --format=custom --file="$work/database.dump"
store="${DATA_DIR:-/var/lib/odoo}/filestore/$PGDATABASE"
[ -d "$store" ] || store="$(mktemp -d)"  # no file was stored yet
tar -C "$store" -cf "$work/filestore.tar" .
tar -C "$work" -cf "$work/complete.tar" database.dump filestore.tar
mv "$work/complete.tar" "$folder/$name"
echo "Backup written: $folder/$name ($(du -h "$folder/$name" | cut -f1))"
