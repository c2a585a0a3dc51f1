from .common import ReceiptCase


class AdvanceCase(ReceiptCase):
    """A company that keeps advances on a liability account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur = cls.make_currency("EUR", 0.5, ("2026-03-22", 0.4), ("2026-03-28", 0.8))
        cls.advances = cls.env["account.account"].create({
            "name": "Contract liabilities", "code": "220400", "account_type": "liability_current",
            "reconcile": True})
        cls.company.o2c_advance_account_id = cls.advances
        cls.receivable = cls.customer.property_account_receivable_id

    def register(self, order, amount, *, direction="in", currency=None, date="2026-03-20"):
        """As the accountant does on the order."""
        wizard = self.env["o2c.receipt.register"].with_user(self.accountant).create(
            {"order_id": order.id, "direction": direction, "date": date})
        wizard.write({"currency_id": (currency or wizard.currency_id).id, "amount": amount})
        wizard.action_register()
        return self.env["account.payment"].search([], order="id desc", limit=1)

    def balance(self, account, partner=None):
        """Of the customer, over posted entries."""
        lines = self.env["account.move.line"].search([
            ("account_id", "=", account.id), ("partner_id", "=", (partner or self.customer).id),
            ("parent_state", "=", "posted")])
        return self.company.currency_id.round(sum(lines.mapped("balance")))

    def exposure(self):
        self.env.flush_all()
        return self.env["o2c.exposure"]._get_exposure(self.customer, self.company)[self.customer.id].total

    def transfers(self, state="done"):
        return self.env["o2c.receipt.transfer"].search([("state", "=", state)])

    def judge_entries(self):
        for transfer in self.env["o2c.receipt.transfer"].search([]):
            for move in transfer.move_id | transfer.reversal_id:
                self.assertEqual(move.state, "posted")
                self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0)
