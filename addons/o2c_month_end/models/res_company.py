from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, ValidationError

# field: type and, for charts of accounts that have it, the code of the account
ACCOUNTS = {
    "o2c_contract_asset_account_id": ("asset_current", {}),
    "o2c_unbilled_account_id": ("asset_current", {}),
    "o2c_contract_liability_account_id": ("liability_current", {"cn": "2204", "cn_large_bis": "2204"}),
    "o2c_deferred_vat_account_id": ("liability_current", {}),
}
POSITION_TYPES = ("asset_current", "asset_non_current", "asset_prepayments")
LIABILITY_TYPES = ("liability_current", "liability_non_current")


class ResCompany(models.Model):
    """How a company books what was delivered and not invoiced."""

    _inherit = "res.company"

    o2c_accrual_active = fields.Boolean(
        string="Month-end run",
        help="On the first day of a month the run of the month before is prepared. Finance checks it and "
        "submits it to the finance director.",
    )
    o2c_accrual_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of the month end",
        domain="[('type', '=', 'general'), ('company_id', '=', id)]",
        check_company=True,
    )
    o2c_contract_asset_account_id = fields.Many2one(
        "account.account",
        string="Contract assets",
        domain=[("account_type", "in", POSITION_TYPES)],
        check_company=True,
        help="Earned, but the right to the money depends on more than time (IFRS 15.107).",
    )
    o2c_unbilled_account_id = fields.Many2one(
        "account.account",
        string="Unbilled receivables",
        domain=[("account_type", "in", POSITION_TYPES)],
        check_company=True,
        help="Earned, and only time passes until the money is due (IFRS 15.108). Not an account of the type "
        "Receivable: it would count twice in the exposure.",
    )
    o2c_contract_liability_account_id = fields.Many2one(
        "account.account",
        string="Contract liabilities",
        domain=[("account_type", "in", LIABILITY_TYPES)],
        check_company=True,
        help="Invoiced and not delivered, without tax; less what was earned and is covered by advances. Not"
        " the account that keeps the advances.",
    )
    o2c_deferred_vat_account_id = fields.Many2one(
        "account.account",
        string="Deferred output VAT",
        domain=[("account_type", "in", LIABILITY_TYPES)],
        check_company=True,
        help="Tax of what was delivered and not invoiced, until the invoice makes it due.",
    )
    o2c_accrual_tax = fields.Selection(
        [
            ("net", "Without tax: the asset is net"),
            ("deferred", "With tax: the asset is gross, the tax is deferred output VAT"),
        ],
        string="Tax at month end",
        required=True,
        default="net",
    )
    o2c_accrual_right = fields.Selection(
        [
            ("delivery", "By each delivery"),
            ("complete", "By the delivery of the whole order"),
            ("invoice", "By the invoice only"),
        ],
        string="Right to the money",
        required=True,
        default="complete",
        help="When nothing but time stands between the company and its money: then what was earned is an "
        "unbilled receivable, before that a contract asset.",
    )
    o2c_accrual_service = fields.Selection(
        [
            ("invoiced", "Done when they are invoiced"),
            ("delivered", "Done as their delivered quantity says"),
        ],
        string="Services invoiced as ordered",
        required=True,
        default="invoiced",
        help="Of services that are invoiced as ordered, few companies note when they are done.",
    )
    o2c_check_tolerance = fields.Float(
        string="Tolerance of quantities",
        digits=(5, 2),
        help="Percent of the ordered quantity up to which a difference is none.",
    )
    o2c_check_required = fields.Boolean(
        string="Quantities first",
        help="A month-end run is submitted only when warehouse and finance have signed the quantities of its "
        "month.",
    )

    # === CHECKS === #

    @api.constrains("o2c_check_tolerance")
    def _check_o2c_tolerance(self):
        for company in self:
            if not 0 <= company.o2c_check_tolerance < 100:
                raise ValidationError(self.env._("A tolerance of quantities is between 0 and 100 percent."))

    @api.constrains("o2c_accrual_journal_id", *ACCOUNTS)
    def _check_o2c_accrual_accounts(self):
        """Positions in receivable accounts would be claims of their own, beside the order that they are.

        :raise ValidationError: for another kind of account
        :raise UserError: for those of another company
        """
        # Odoo looks at the companies of a company's accounts only when it is asked to.
        self._check_company(["o2c_accrual_journal_id", *ACCOUNTS])
        for company in self:
            for name, allowed in (
                ("o2c_contract_asset_account_id", POSITION_TYPES),
                ("o2c_unbilled_account_id", POSITION_TYPES),
                ("o2c_contract_liability_account_id", LIABILITY_TYPES),
                ("o2c_deferred_vat_account_id", LIABILITY_TYPES),
            ):
                account = company[name]
                if account and account.account_type not in allowed:
                    raise ValidationError(self.env._(
                        "%(account)s can't be the account for %(purpose)s: choose a current asset or "
                        "liability. In a receivable account the order would count twice.",
                        account=account.display_name,
                        purpose=self._fields[name]._description_string(self.env)))

    @api.constrains("o2c_contract_liability_account_id", "o2c_advance_account_id")
    def _check_o2c_liability_account(self):
        """What lies on an account for advances is money of customers: positions would lessen exposure.

        :raise ValidationError: naming the account
        """
        companies = self.sudo().search([("o2c_contract_liability_account_id", "!=", False)])
        for account in companies.o2c_contract_liability_account_id:
            if account.o2c_is_advance or account in self.o2c_advance_account_id:
                raise ValidationError(self.env._(
                    "%s can't be both: the account for advances keeps money of customers, the one for"
                    " contract liabilities what a month-end run books. Choose two accounts, for example"
                    " two sub-accounts of 2204.", account.display_name))

    # === ACTIONS === #

    def action_o2c_create_accrual_accounts(self):
        """Create the accounts and the journal that are missing, and name them in the settings.

        :raise AccessError: for users who neither keep the chart of accounts nor the policies
        """
        user = self.env.user
        for company in self:
            if company not in user.company_ids or not (
                user.has_group("account.group_account_manager")
                or user.has_group("o2c_base.group_policy_administrator")
            ):
                raise AccessError(self.env._(
                    "Accounts are created by accounting managers and policy administrators of the company."))
            company.sudo()._create_o2c_accrual_accounts()
        return True

    # === BUSINESS METHODS === #

    def _create_o2c_accrual_accounts(self):
        vals = {
            name: self._find_o2c_account(self._fields[name]._description_string(self.env), *spec).id
            for name, spec in ACCOUNTS.items() if not self[name]
        }
        if not self.o2c_accrual_journal_id:
            vals["o2c_accrual_journal_id"] = self._create_o2c_accrual_journal().id
        if not vals:
            return
        self.write(vals)
        self.env["o2c.register"]._log(
            self, "accrual_accounts", company=self,
            message=self.env._("Accounts of the month end were created for %s", self.name),
            evidence={name: self[name].display_name for name in vals})

    def _find_o2c_account(self, name, account_type, codes):
        """The account of the chart, or a new one beside its neighbours."""
        accounts = self.env["account.account"].with_company(self).with_context(
            allowed_company_ids=self.ids)
        if code := codes.get(self.chart_template):
            found = accounts.search([
                ("code", "=", code), ("company_ids", "parent_of", self.id),
                ("account_type", "=", account_type), ("o2c_is_advance", "=", False)], limit=1)
            if found:
                return found
        neighbour = accounts.search(
            [("account_type", "=", account_type), ("company_ids", "parent_of", self.id)],
            order="code desc", limit=1)
        return accounts.create({
            "name": name, "account_type": account_type, "company_ids": [Command.link(self.id)],
            "code": accounts._search_new_account_code(neighbour.code or "180000"),
        })

    def _create_o2c_accrual_journal(self):
        journals = self.env["account.journal"].with_company(self)
        found = journals.search([("code", "=", "MEND"), ("company_id", "=", self.id)], limit=1)
        return found or journals.create({
            "name": self.env._("Month End"), "code": "MEND", "type": "general", "company_id": self.id})

    def _get_o2c_accrual_gaps(self, kinds=(), has_tax=None):
        """Labels of settings that are missing; by default all that could be needed.

        :param kinds: kinds of positions that are to be booked
        :param has_tax: whether tax is to be deferred
        """
        needed = {
            "o2c_contract_asset_account_id": not kinds or "asset" in kinds,
            "o2c_unbilled_account_id": not kinds or "receivable" in kinds,
            "o2c_contract_liability_account_id": not kinds or "liability" in kinds,
            "o2c_deferred_vat_account_id": self.o2c_accrual_tax == "deferred" and has_tax is not False,
            "o2c_accrual_journal_id": True,
        }
        company = self.sudo()
        return [
            self._fields[name]._description_string(self.env)
            for name, is_needed in needed.items() if is_needed and not company[name]
        ]
