"""Benchmark of the suite: what it costs on a generated ledger, against plain Odoo and bare SQL."""
