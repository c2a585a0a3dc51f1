"""How much of each receipt may be matched with which invoices."""

from collections.abc import Iterable, Mapping


class Budget:
    """Money that is set apart for orders, spent on invoices of these orders and on no other.

    Odoo matches two journal items with all that both have left. A receipt may belong to several
    orders, of which an invoice holds only some: the budget says how much the invoice may take.
    Amounts are positive, in the currency of the receipt's journal item.

    >>> budget = Budget()
    >>> budget.add_receipt([7], {"O1": 400.0, "O2": 600.0})
    >>> budget.add_invoice(1, ["O1"])
    >>> budget.add_invoice(2, ["O1", "O2"])
    >>> budget.get_available(7, 1)
    400.0
    >>> budget.spend(7, 1, 150.0)
    >>> budget.get_available(7, 1), budget.get_available(7, 2)
    (250.0, 850.0)
    >>> budget.spend(7, 2, 300.0)
    >>> budget.get_available(7, 1), budget.get_available(7, 2)
    (0.0, 550.0)

    What it does not know it does not limit:

    >>> budget.get_available(8, 1) is None, budget.get_available(7, 3) is None
    (True, True)
    """

    __slots__ = ("_left", "_orders")

    def __init__(self) -> None:
        self._left: dict[int, dict] = {}
        self._orders: dict[int, tuple] = {}

    def add_receipt(self, line_ids: Iterable[int], amounts: Mapping) -> None:
        """Set ``amounts`` per order apart; the receipt's journal items share them."""
        left = dict(amounts)
        for line_id in line_ids:
            self._left[line_id] = left

    def add_invoice(self, invoice_id: int, orders: Iterable) -> None:
        """Name the orders whose money an invoice may take, those first that give first."""
        self._orders[invoice_id] = tuple(orders)

    def get_available(self, line_id: int, invoice_id: int) -> float | None:
        """What the invoice may still take from the receipt; None where there is no limit."""
        if line_id not in self._left or invoice_id not in self._orders:
            return None
        left = self._left[line_id]
        return float(sum(left.get(order, 0.0) for order in self._orders[invoice_id]))

    def spend(self, line_id: int, invoice_id: int, amount: float) -> None:
        """Take ``amount`` from what the invoice's orders have."""
        left = self._left[line_id]
        for order in self._orders[invoice_id]:
            used = min(amount, left.get(order, 0.0))
            if used > 0:
                left[order] -= used
                amount -= used
