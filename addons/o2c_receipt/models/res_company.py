from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    o2c_advance_account_id = fields.Many2one(
        "account.account",
        string="Account for advances",
        domain=[("account_type", "=", "liability_current"), ("reconcile", "=", True)],
        check_company=True,
        ondelete="restrict",
        help="Money that is registered for an order is kept here until it is invoiced. Empty: it is posted"
        " to the customer's receivable account.",
    )
    o2c_advance_journal_id = fields.Many2one(
        "account.journal",
        string="Journal for transfers of advances",
        domain=[("type", "=", "general")],
        check_company=True,
        ondelete="restrict",
    )
    o2c_due_by_schedule = fields.Boolean(
        string="Due dates from the order",
        default=True,
        help="Invoices of orders are due by the payment term counted from delivery (services that are"
        " invoiced as ordered: from confirmation), when that is earlier than counted from the invoice. Off:"
        " Odoo's due dates. An order with a payment schedule of its own follows it either way.",
    )

    # === CHECKS === #

    @api.constrains("o2c_advance_account_id", "o2c_advance_journal_id")
    def _check_o2c_advance_account_id(self):
        """Advances are matched with what they become, and owed by the company.

        :raise ValidationError: for another kind of account or journal, or one that is archived
        :raise UserError: for those of another company
        """
        # Odoo looks at the companies of a company's accounts only when it is asked to.
        self._check_company(["o2c_advance_account_id", "o2c_advance_journal_id"])
        for company in self.sudo():
            account, journal = company.o2c_advance_account_id, company.o2c_advance_journal_id
            if account and not account._is_o2c_fit_for_advances():
                raise ValidationError(self.env._(
                    "%s can't keep advances: choose a current liability that allows reconciliation.",
                    account.display_name))
            if journal and (journal.type != "general" or not journal.active):
                raise ValidationError(self.env._(
                    "%s can't take transfers of advances: choose a journal for miscellaneous entries.",
                    journal.display_name))
            account.filtered(lambda item: not item.o2c_is_advance).o2c_is_advance = True

    def _get_o2c_advance_journal(self):
        """The journal of transfers: chosen, or the first for miscellaneous entries."""
        self.ensure_one()
        return self.o2c_advance_journal_id or self.env["account.journal"].sudo().search([
            *self.env["account.journal"]._check_company_domain(self), ("type", "=", "general"),
        ], limit=1)
