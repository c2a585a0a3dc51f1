"""Orders repeat the parts of their schedule as plain values."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Fill them for the orders that have a schedule of their own."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    orders = env["o2c.instalment"].search([]).order_id
    env.add_to_compute(orders._fields["o2c_agreed_parts"], orders)
    orders.flush_recordset(["o2c_agreed_parts"])
