#!/usr/bin/env bash
# Put a backup in place of the present database and file store. Stop the server first:
#   docker compose -f docker/compose.yaml stop odoo
#   docker compose -f docker/compose.yaml run --rm --user root odoo restore.sh NAME.tar
#   docker compose -f docker/compose.yaml start odoo
set -euo pipefail

folder="${BACKUPS:-/backups}"
archive="$folder/${1:?name of the backup in the backups folder}"
[ -f "$archive" ] || { echo "There is no $archive. Backups: $(ls "$folder")" >&2; exit 1; }
if [ "$(psql -XAt -d postgres -v "name=$PGDATABASE" <<< "SELECT count(*) FROM pg_stat_activity WHERE datname = :'name'")" != 0 ]; then
    echo "The database $PGDATABASE is in use. Stop the server first: docker compose -f docker/compose.yaml stop odoo" >&2
    exit 1
fi
work="$(mktemp -d "$folder/.restore.XXXXXX")"
trap 'rm -rf "$work"' EXIT
tar -C "$work" -xf "$archive"

# Into a database of its own first: the present one stays until the backup is read completely.
dropdb --if-exists "${PGDATABASE}_restored"
createdb "${PGDATABASE}_restored"
pg_restore --no-owner --exit-on-error --dbname="${PGDATABASE}_restored" "$work/database.dump"
store="${DATA_DIR:-/var/lib/odoo}/filestore"
rm -rf "$store/${PGDATABASE}_restored"
mkdir -p "$store/${PGDATABASE}_restored"
tar -C "$store/${PGDATABASE}_restored" -xf "$work/filestore.tar"
# the backup was read as root, and Odoo runs as odoo
if [ "$(id -u)" -eq 0 ] && id odoo > /dev/null 2>&1; then chown -R odoo:odoo "$store"; fi

psql -Xq -d postgres -v ON_ERROR_STOP=1 -v "name=$PGDATABASE" -v "restored=${PGDATABASE}_restored" <<'SQL'
DROP DATABASE IF EXISTS :"name";
ALTER DATABASE :"restored" RENAME TO :"name";
SQL
rm -rf "${store:?}/$PGDATABASE"
mv "$store/${PGDATABASE}_restored" "$store/$PGDATABASE"
echo "Restored $PGDATABASE from $archive."
