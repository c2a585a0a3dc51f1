"""What orders have collected: the suite, bare SQL, and walking the records as plain Odoo would."""

from ..bare_sql import COLLECTED, SORTED_BY_COLLECTED
from .exposure import _answer, _environment

PAGE = 80
LIQUIDITY = ("bank", "cash", "credit")


def choose(env, count):
    """Ids of orders spread evenly over the whole ledger, and how many there are."""
    ids = env["sale.order"].sudo().search([("state", "=", "sale")], order="id").ids
    wanted = min(count, len(ids))
    return {"orders": [ids[place * len(ids) // wanted] for place in range(wanted)], "all": len(ids)}


def _texts(rows):
    return {str(order): float(amount) for order, amount in rows}


# ---------------------------------------------------------------- COLLECTED


def suite(env, orders, user, compare=False):
    """The suite's collected amounts of the orders."""
    env = _environment(env, user)
    records = env["sale.order"].browse(orders)
    return _answer(
        env, records._get_o2c_collected, (lambda found: _texts(found.items())) if compare else None
    )


def bare(env, orders, user, compare=False):
    """The hand-written statement for the same orders; an order without money has no row."""
    env = _environment(env, user)

    def work():
        env.cr.execute(COLLECTED, {"orders": orders})
        return env.cr.fetchall()

    return _answer(env, work, _texts if compare else None)


def page(env, orders, user):
    """The three figures of the orders as a form or list shows them."""
    env = _environment(env, user)
    names = ("o2c_collected", "o2c_collected_ratio", "o2c_uncollected")
    records = env["sale.order"].browse(orders)
    return _answer(env, lambda: [records.mapped(name) for name in names])


def walk(env, orders, user):
    """Records of invoices and payments, one order after the other; allocations don't exist here."""
    env = _environment(env, user)

    def collect(order):
        due = order.invoice_ids.filtered(lambda move: move.state == "posted").line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        parts = due.matched_credit_ids.filtered(
            lambda part: part.credit_move_id.journal_id.type in LIQUIDITY
        )
        return sum(parts.mapped("debit_amount_currency"))

    return _answer(env, lambda: [collect(order) for order in env["sale.order"].sudo().browse(orders)])


# --------------------------------------------------------------------- LIST


def list_suite(env, user, compare=False):
    """First page of all orders, those first for which most came in."""
    env = _environment(env, user)
    search = env["sale.order"].search
    return _answer(
        env, lambda: search([], order="o2c_collected desc, id desc", limit=PAGE).ids, _same(compare)
    )


def list_bare(env, user, compare=False):
    """The hand-written statement for the same page."""
    env = _environment(env, user)

    def work():
        env.cr.execute(SORTED_BY_COLLECTED, {"company": env.company.id})
        return [order for (order,) in env.cr.fetchall()]

    return _answer(env, work, _same(compare))


def _same(compare):
    return (lambda found: found) if compare else None
