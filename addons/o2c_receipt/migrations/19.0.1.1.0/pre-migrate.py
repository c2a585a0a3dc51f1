"""Orders repeat the parts of their schedule as plain values."""

from odoo.addons.o2c_receipt.hooks import add_agreed_parts


def migrate(cr, version):
    """Add the column before the ORM would compute it for every order."""
    if version:
        add_agreed_parts(cr)
