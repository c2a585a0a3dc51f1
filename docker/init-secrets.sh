#!/usr/bin/env bash
# Write the passwords that compose.yaml reads, unless they are there.
set -euo pipefail
cd "$(dirname "$0")/secrets"
for name in db_password master_password; do
    if [ ! -s "$name" ]; then
        od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > "$name"
        # read inside the containers by other users than yours
        chmod 644 "$name"
        echo "written: docker/secrets/$name"
    fi
done
