from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


class AccountAccount(models.Model):
    _inherit = "account.account"

    o2c_is_advance = fields.Boolean(
        string="Keeps advances of customers",
        readonly=True,
        copy=False,
        help="A company keeps or kept advances here: its open items lessen what customers owe.",
    )

    # === CHECKS === #

    @api.constrains("account_type", "reconcile", "active", "company_ids")
    def _check_o2c_fit_for_advances(self):
        """What a company has chosen for its advances stays fit for them.

        :raise ValidationError: with the way out
        """
        companies = self.env["res.company"].sudo().with_context(active_test=False).search(
            [("o2c_advance_account_id", "in", self.ids)])
        for company in companies:
            account = company.o2c_advance_account_id
            is_own = account.filtered_domain(account._check_company_domain(company))
            if not is_own or not account._is_o2c_fit_for_advances():
                raise ValidationError(self.env._(
                    "%(account)s keeps the advances of %(company)s: it stays a current liability of that"
                    " company that allows reconciliation. Choose another account in its settings first.",
                    account=account.display_name, company=company.name))

    def _is_o2c_fit_for_advances(self):
        self.ensure_one()
        return self.account_type == "liability_current" and self.reconcile and self.active

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_o2c_advance({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        self._check_o2c_advance(vals)
        return super().write(vals)

    @api.model
    def _check_o2c_advance(self, names):
        """The setting of the company says it, and what was once an account of advances stays one."""
        if "o2c_is_advance" in names and not self.env.su:
            raise AccessError(self.env._(
                "Choose the account for advances in the settings of Order-to-Cash."))
