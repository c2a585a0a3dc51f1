"""Objects of this process that travel in the context or in the cursor's own dict.

Whoever calls from outside sends JSON, so none of these can come from there.
"""

from contextlib import contextmanager

MAKING = "o2c_invoice_gate.making"


class Figures:
    """Figures of the orders of one batch of documents."""

    __slots__ = ("orders",)

    def __init__(self, orders):
        self.orders = orders


class Parts:
    """What of some orders is invoiced now: ``{order line id: quantity}``, and nothing else."""

    __slots__ = ("quantities",)

    def __init__(self, quantities):
        self.quantities = quantities


@contextmanager
def making(env, orders):
    """While inside, the invoice that an approved application asks for is being made of these orders.

    It leaves out only the look before invoices are made: the invoice itself is judged when it is posted.
    A lost note (a rolled back savepoint empties the cursor's dict) opens nothing.
    """
    marks = env.cr.cache.setdefault(MAKING, set())
    mine = set(orders.ids) - marks
    marks |= mine
    try:
        yield
    finally:
        marks -= mine


def is_making(order):
    """Whether an approved application is making an invoice of the order."""
    return order.id in (order.env.cr.cache.get(MAKING) or ())
