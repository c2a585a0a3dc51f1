"""The rule of the ledger once more, by walking records: no SQL, no stored residual, exact fractions."""

from collections import defaultdict
from fractions import Fraction

COUNTED = ("in_process", "paid")
LIQUIDITY = ("bank", "cash", "credit")


def exact(value):
    """A stored amount as it is written, not as its binary float."""
    return Fraction(repr(value or 0.0))


class Oracle:
    """What orders have collected, and what each receipt is counted for."""

    def __init__(self, env):
        self.env = env
        self.allocations = env["o2c.receipt.allocation"].sudo().search([("state", "=", "active")], order="id")
        self.used = defaultdict(Fraction)
        self.cash = defaultdict(Fraction)
        self.returned = defaultdict(Fraction)
        self.given = defaultdict(Fraction)
        self.counted = defaultdict(Fraction)
        self.left = {}
        self.standing = {}
        for row in self.allocations:
            self.given[self.key(row), row.order_id] += abs(exact(row.amount))
        self._walk_documents()
        self._walk_refunds()
        self._walk_excesses()

    def get_collected(self, order):
        """Below zero where more was paid back than came in."""
        return float(self.cash[order])

    def get_received(self, order, instalments):
        """What each instalment has, in their order: its own money first, then the oldest free place.

        :param instalments: ``[(id of the part, amount)]``, by due date
        """
        own = defaultdict(Fraction)
        for row in self.allocations:
            if row.order_id == order and row.instalment_id:
                share = self.standing.get((self.key(row), order), 0)
                own[row.instalment_id.id] += exact(row.order_amount) * share
        unit = exact(order.currency_id.rounding)
        left = {part: max(round(amount / unit) * unit, 0) for part, amount in own.items()}
        money, named = max(self.cash[order], Fraction(0)), []
        for part, amount in instalments:
            named.append(min(exact(amount), left.get(part, 0), money))
            left[part] = left.get(part, 0) - min(exact(amount), left.get(part, 0))
            money -= named[-1]
        received = []
        for (_part, amount), given in zip(instalments, named, strict=True):
            more = min(exact(amount) - given, money)
            received.append(float(given + more))
            money -= more
        return received

    @staticmethod
    def key(row):
        return row.payment_id or row.statement_line_id

    @staticmethod
    def receivable(move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" or line.account_id.o2c_is_advance)

    def receipt_of(self, move):
        return move.origin_payment_id or move.statement_line_id

    def kept_for(self, move):
        """Entry of the receipt whose money the entry ``move`` keeps on the account for advances."""
        kept = self.env["o2c.receipt.transfer"].sudo().search(
            [("kind", "=", "kept"), ("state", "=", "done"), ("move_id", "=", move.id)])
        return self.key(kept).move_id if kept else self.env["account.move"]

    def items(self, receipt):
        """Where the money of a receipt lies: its own items, and what entries keep of it elsewhere."""
        kept = self.env["o2c.receipt.transfer"].sudo().search([
            ("kind", "=", "kept"), ("state", "=", "done"),
            (receipt._name == "account.payment" and "payment_id" or "statement_line_id", "=", receipt.id)])
        return self.receivable(receipt.move_id) | kept.move_id.line_ids.filtered(
            lambda line: line.account_id.o2c_is_advance)

    def matches_of(self, receipt):
        """(other line, entry of its money, own amount, other amount, sign), save between its own places."""
        for line in self.items(receipt):
            for other, own, their, sign in self.partials(line):
                if other.parent_state == "draft" or self.kept_for(other.move_id) != receipt.move_id:
                    yield other, self.kept_for(other.move_id) or other.move_id, own, their, sign

    def whole(self, move):
        return abs(sum(exact(line.amount_currency) for line in self.receivable(move)))

    def partials(self, line, only=None):
        """(other line, own amount, other amount, sign): sign 1 when the line is a debit."""
        for part in line.matched_credit_ids & only if only else line.matched_credit_ids:
            yield (part.credit_move_id, exact(part.debit_amount_currency),
                   exact(part.credit_amount_currency), 1)
        for part in line.matched_debit_ids & only if only else line.matched_debit_ids:
            yield (part.debit_move_id, exact(part.credit_amount_currency),
                   exact(part.debit_amount_currency), -1)

    def is_money(self, move):
        payment = move.origin_payment_id
        return (move.state == "posted" and move.journal_id.type in LIQUIDITY
                and (not payment or payment.state in COUNTED))

    def cash_share(self, move):
        owed = sum(exact(line.balance) for line in self.receivable(move))
        accounts = move.origin_payment_id.outstanding_account_id | move.journal_id.default_account_id
        lines = move.line_ids.filtered(lambda line: line.account_id in accounts)
        cash = sum(exact(line.balance) for line in lines)
        return min(Fraction(1), abs(cash) / abs(owed)) if cash * owed < 0 else Fraction(0)

    # --- cash on documents ---

    def _walk_documents(self):
        """Match by match, in the order in which they were made."""
        items = self.env["sale.order.line"].sudo().search([]).invoice_lines
        matches = []
        for document in items.move_id.filtered(lambda move: move.state == "posted"):
            for line in self.receivable(document):
                for part in line.matched_credit_ids | line.matched_debit_ids:
                    [(other, own, their, sign)] = self.partials(line, part)
                    money, scale = self._origin(other)
                    if self.is_money(money):
                        share = self.cash_share(money)
                        matches.append((part.id, document, money, sign, own * share, their * share * scale))
        for _part, document, money, sign, own, their in sorted(matches, key=lambda match: match[0]):
            self._share(document, self.receipt_of(money), sign, own, their)

    def _origin(self, line):
        """Entry of the receipt whose money this item is, and its amount for one of the item's."""
        carried = self.env["o2c.receipt.transfer"].sudo().search(
            [("move_id", "=", line.move_id.id), ("state", "=", "done")])
        if not carried:
            return line.move_id, 1
        return self.key(carried).move_id, exact(carried.amount) / abs(exact(line.amount_currency))

    def _weights(self, document):
        weights = defaultdict(Fraction)
        for item in document.invoice_line_ids.filtered(lambda line: line.display_type == "product"):
            links = item.sale_line_ids
            for link in links or [None]:
                weights[link and link.order_id] += exact(item.price_total) / max(len(links), 1)
        return {order: max(weight, 0) for order, weight in weights.items()}

    def _share(self, document, receipt, sign, own, their):
        if not their:
            return
        weights = self._weights(document)
        total = sum(weights.values())
        fair = {order: their * weight / total if total else 0 for order, weight in weights.items()}
        given = {
            order: max(self.given[receipt, order] - self.used[receipt, order], Fraction(0))
            if order and receipt else Fraction(0) for order in weights}
        used = dict(given)
        rest = their - sum(given.values())
        wants = {order: max(fair[order] - given[order], 0) for order in weights}
        if rest <= 0:
            used = {order: min(fair[order], given[order]) for order in weights}
            rest = their - sum(used.values())
            wants = {order: max(given[order] - fair[order], 0) for order in weights}
        asked = sum(wants.values())
        for order in weights:
            part = used[order] + (rest * wants[order] / asked if asked else 0)
            if not order or part <= 0:
                continue
            rate = Fraction(1)
            if order.currency_id != document.currency_id:
                rate = exact(order.currency_rate) / exact(document.invoice_currency_rate)
            self.used[receipt, order] += part
            self.cash[order] += sign * own * part / their * rate
            self.counted[receipt] += part

    # --- money that went back ---

    def _walk_refunds(self):
        for receipt in {self.key(row) for row in self.allocations}:
            pairs = defaultdict(lambda: [Fraction(0), Fraction(0)])
            for other, money, own, their, sign in self.matches_of(receipt):
                if other.parent_state == "posted" and money.journal_id.type in LIQUIDITY and own:
                    pairs[money, sign][0] += own
                    pairs[money, sign][1] += their
            for (money, sign), (own, their) in pairs.items():
                self._give_back(receipt, money, sign, own, their)

    def _give_back(self, receipt, money, sign, own, their):
        for order in {order for key, order in list(self.given) if key == receipt}:
            mine, yours = self.given[receipt, order], self.given[self.receipt_of(money), order]
            if not mine or not yours:
                continue
            if sign < 0:
                part = min(yours / self.whole(money), mine / own)
            else:
                part = min(mine / self.whole(receipt.move_id), yours / their)
            self.returned[receipt, order] += own * part

    # --- what allocations have left ---

    def _walk_excesses(self):
        seen = []
        left = {}
        for row in self.allocations:
            receipt, order = self.key(row), row.order_id
            if (receipt, order) in seen or not receipt._is_o2c_counting():
                continue
            seen.append((receipt, order))
            if receipt not in left:
                left[receipt] = self._open(receipt)
            excess = max(self.given[receipt, order] - self.used[receipt, order]
                         - self.returned[receipt, order], Fraction(0))
            taken = max(min(excess, left[receipt]), Fraction(0))
            self.left[receipt, order] = taken
            left[receipt] -= excess
            given = self.given[receipt, order]
            self.standing[receipt, order] = 1 - (excess - taken) / given if given else Fraction(0)
            rows = [item for item in self.allocations if self.key(item) == receipt and item.order_id == order]
            amount = sum(exact(item.amount) for item in rows)
            worth = sum(exact(item.order_amount) for item in rows)
            self.cash[order] += taken * worth / abs(amount) if amount else 0
            self.counted[receipt] += taken

    def _open(self, receipt):
        whole = sum(exact(line.amount_currency) for line in self.receivable(receipt.move_id))
        rest, paid_back = whole, Fraction(0)
        for other, money, own, _their, sign in self.matches_of(receipt):
            if other.parent_state != "draft":
                rest -= sign * own
            if other.parent_state == "posted" and money.journal_id.type in LIQUIDITY:
                paid_back += own
        if whole > 0:
            rest += paid_back - sum(
                amount for (key, _order), amount in self.returned.items() if key == receipt)
        return abs(rest) * self.cash_share(receipt.move_id)
