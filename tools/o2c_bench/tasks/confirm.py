"""Confirming an order with five lines of goods on stock."""

import resource

from odoo import api
from odoo.fields import Command

from ..measure import measure


def confirm(env, partner, user, products):
    """Make an order as the salesperson, measure its confirmation up to the commit, and roll back.

    Statements that wait until the commit (computed fields, tracking) belong to the confirmation, so the
    cursor is flushed within the measured block.
    """
    env = api.Environment(env.cr, user, {"lang": "en_US", "tz": "UTC"})
    order = env["sale.order"].create(
        {
            "partner_id": partner,
            "order_line": [
                Command.create({"product_id": product, "product_uom_qty": 1}) for product in products
            ],
        }
    )
    env.cr.flush()
    env.invalidate_all()

    def work():
        order.action_confirm()
        env.cr.flush()

    cost, _result = measure(env.cr, work)
    state = order.state
    env.cr.rollback()
    env.invalidate_all()
    if state != "sale":
        raise RuntimeError(f"The order of customer {partner} is {state} after its confirmation")
    return {"cpu_ms": cost.cpu_ms, "postgres_ms": cost.postgres_ms, "queries": cost.queries}


def memory(env):
    """Peak memory of this process in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
