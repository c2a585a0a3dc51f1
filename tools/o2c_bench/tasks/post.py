"""Posting the invoice of an order that was paid in advance."""

from odoo import api
from odoo.fields import Command

from ..measure import measure
from . import suite

# Divides evenly among the advances.
PRICE = 90.0


def post(env, partner, user, advances):
    """Sell, receive the price in `advances` parts, measure posting and matching up to the commit, roll back.

    Plain Odoo matches what the suite matches: the receivable lines of the payments with those of the invoice.
    """
    suite.judge_invoices(env)
    order = _make_order(env, partner)
    payments = [_receive(env, order, PRICE / advances) for _advance in range(advances)]
    invoice = order._create_invoices()
    env.flush_all()
    env.invalidate_all()
    invoice = invoice.with_env(api.Environment(env.cr, user, {"lang": "en_US", "tz": "UTC"}))

    def work():
        invoice.action_post()
        if not suite.is_installed(env):
            _match(invoice, payments)
        env.cr.flush()

    cost, _result = measure(env.cr, work)
    state, residual = invoice.state, invoice.amount_residual
    env.cr.rollback()
    env.invalidate_all()
    if state != "posted" or residual:
        raise RuntimeError(f"The invoice is {state} and lacks {residual}")
    return {"cpu_ms": cost.cpu_ms, "postgres_ms": cost.postgres_ms, "queries": cost.queries}


def _make_order(env, partner):
    product = env["product.product"].create({"name": "Bench", "type": "service", "invoice_policy": "order"})
    line = {"product_id": product.id, "product_uom_qty": 1, "price_unit": PRICE, "tax_ids": [Command.clear()]}
    order = env["sale.order"].create({"partner_id": partner, "order_line": [Command.create(line)]})
    order.action_confirm()
    return order


def _receive(env, order, amount):
    payment = env["account.payment"].create(
        {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": order.partner_id.id,
            "amount": amount,
        }
    )
    payment.action_post()
    suite.allocate(payment, order)
    return payment


def _match(invoice, payments):
    for payment in payments:
        lines = (invoice | invoice.browse(payment.move_id.id)).line_ids
        lines.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()
