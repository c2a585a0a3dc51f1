"""Money of customers, as the biller enters it."""

from odoo.addons.o2c_credit.tests.common import CreditCase


class MoneyCase(CreditCase):
    def make_bank_line(self, amount, partner=None):
        """A bank line that the biller has booked on the customer's account."""
        partner = partner or self.customer
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1)
        line = self.env["account.bank.statement.line"].create({
            "journal_id": journal.id, "partner_id": partner.id, "amount": amount, "payment_ref": "Advance"})
        items = line.move_id.line_ids.filtered(lambda item: item.account_id != journal.default_account_id)
        items.account_id = partner.property_account_receivable_id
        return line

    def make_payment(self, amount):
        payment = self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id,
            "amount": amount, "currency_id": self.company.currency_id.id})
        payment.action_post()
        return payment

    def allocate(self, receipt, order, amount):
        """As the biller does in the dialogue of the receipt."""
        allocations = self.env["o2c.receipt.allocation"].with_user(self.biller)
        allocations._check_allocator()
        return allocations._allocate(receipt.with_user(self.biller), {order: amount})
