#!/usr/bin/env bash
# Entry point of the container: writes the configuration from the secrets, installs the suite into
# the database the first time (and updates it when the image is newer), then starts Odoo.
#   start.sh serve       the server (default)
#   start.sh shell       Odoo's shell
#   start.sh COMMAND     anything else is run as it is, with the configuration in $ODOO_RC
set -euo pipefail

: "${DB_HOST:=db}" "${DB_PORT:=5432}" "${DB_USER:=odoo}" "${DB_NAME:=o2c}" "${WORKERS:=4}"
: "${DB_PASSWORD_FILE:=/run/secrets/db_password}" "${MASTER_PASSWORD_FILE:=/run/secrets/master_password}"
: "${ADDONS:=/opt/order-to-cash/addons}" "${BASE_CONFIG:=/opt/order-to-cash/odoo.conf}"
: "${DATA_DIR:=/var/lib/odoo}"

# Written anew in each container: it holds the passwords, which have no place in the volume.
export ODOO_RC="${ODOO_RC_FILE:-/tmp/o2c.conf}"
umask 077
{
    # the settings below replace those of the same name in the base file
    grep -vE '^(http_interface|workers|max_cron_threads)[[:space:]]*=' "$BASE_CONFIG"
    printf '%s = %s\n' \
        http_interface 0.0.0.0 \
        proxy_mode True \
        workers "$WORKERS" \
        max_cron_threads 1 \
        addons_path "$ADDONS" \
        data_dir "$DATA_DIR" \
        db_host "$DB_HOST" \
        db_port "$DB_PORT" \
        db_user "$DB_USER" \
        db_password "$(cat "$DB_PASSWORD_FILE")" \
        db_name "$DB_NAME" \
        dbfilter "^${DB_NAME}\$" \
        admin_passwd "$(cat "$MASTER_PASSWORD_FILE")"
} > "$ODOO_RC"
umask 022

export PGHOST="$DB_HOST" PGPORT="$DB_PORT" PGUSER="$DB_USER" PGDATABASE="$DB_NAME"
PGPASSWORD="$(cat "$DB_PASSWORD_FILE")"
export PGPASSWORD

# What matters of the modules for the database: their content without tests.
suite_version() {
    find "$ADDONS" -type f ! -path '*/tests/*' ! -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16
}

prepare_database() {
    local wanted installed
    wanted="$(suite_version)"
    if ! psql -XAtc "SELECT 1 FROM pg_tables WHERE tablename = 'ir_module_module'" | grep -q 1; then
        echo "Installing the suite into the database $DB_NAME (a few minutes) ..."
        odoo -c "$ODOO_RC" -i o2c_suite --stop-after-init --no-http
    else
        installed="$(psql -XAtc "SELECT value FROM ir_config_parameter WHERE key = 'o2c.image_version'")"
        [ "$installed" = "$wanted" ] && return
        echo "Updating the suite in the database $DB_NAME ..."
        odoo -c "$ODOO_RC" -i o2c_suite -u o2c_base --stop-after-init --no-http
    fi
    psql -Xq -v ON_ERROR_STOP=1 -v "version=$wanted" <<'SQL'
INSERT INTO ir_config_parameter (key, value) VALUES ('o2c.image_version', :'version')
ON CONFLICT (key) DO UPDATE SET value = excluded.value;
SQL
}

case "${1:-serve}" in
    serve)
        prepare_database
        exec odoo -c "$ODOO_RC"
        ;;
    shell)
        exec odoo shell -c "$ODOO_RC" --no-http
        ;;
    *)
        exec "$@"
        ;;
esac
