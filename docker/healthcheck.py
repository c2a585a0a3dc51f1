#!/usr/bin/env python3
"""Healthy when the server answers and reaches its database."""

import sys
import urllib.request

try:
    with urllib.request.urlopen("http://127.0.0.1:8069/web/health?db_server_status=1", timeout=8) as answer:
        sys.exit(0 if answer.status == 200 else 1)
except OSError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
