from odoo import api, fields, models
from odoo.exceptions import UserError

READERS = (
    "o2c_base.group_o2c_user,account.group_account_readonly,account.group_account_invoice,"
    "sales_team.group_sale_salesman_all_leads"
)


class CorporateGroup(models.Model):
    """Credit of a group in the current company: terms, file, and the way to its members' figures."""

    _inherit = "o2c.corporate.group"

    o2c_credit_limit = fields.Monetary(
        string="Credit limit",
        currency_field="o2c_currency_id",
        compute="_compute_o2c_credit",
        compute_sudo=True,
        groups=READERS,
        help="Granted to the group as a whole and in force today; 0 while it is suspended.",
    )
    o2c_has_credit_limit = fields.Boolean(
        compute="_compute_o2c_credit", compute_sudo=True, groups=READERS
    )
    o2c_credit_file_text = fields.Char(
        string="Credit file", compute="_compute_o2c_credit_file_text", compute_sudo=True, groups=READERS
    )

    # === COMPUTES === #

    @api.depends_context("company")
    def _compute_o2c_credit(self):
        owner = self.env.company.o2c_exposure_company_id
        ids = self._origin.ids
        terms = self.env["o2c.credit.monitor"]._read_group_terms(owner, ids) if ids else {}
        for group in self:
            own = terms.get(group._origin.id, {})
            limit = own.get("credit_limit")
            group.o2c_has_credit_limit = limit is not None
            group.o2c_credit_limit = 0.0 if own.get("credit_suspended") else limit or 0.0

    @api.depends_context("company", "lang")
    def _compute_o2c_credit_file_text(self):
        files = self.env["o2c.credit.file"]._get_files(self.env.company, self._origin)
        for group in self:
            file = files.get(group._origin.id)
            group.o2c_credit_file_text = f"{file.completeness} %" if file else self.env._("None")

    # === ACTIONS === #

    def action_o2c_credit_limits(self):
        """Terms of the group, those in force first."""
        action = self._get_o2c_action("o2c_credit.credit_limit_action")
        return {**action, "context": {"default_corporate_group_id": self.id}}

    def action_o2c_credit_report(self):
        """Credit of the members in all companies of the user."""
        return self._get_o2c_action("o2c_credit.credit_report_action")

    def action_o2c_watch(self):
        """Rows of the watch list about the group, and about its members."""
        action = self._get_o2c_action("o2c_credit.credit_watch_action")
        members = ("partner_id.o2c_corporate_group_id", "=", self.id)
        return {**action, "domain": ["|", *action["domain"], members]}

    def action_o2c_credit_file(self):
        """Open the credit file in the current company; credit officers are offered a new one.

        :raise UserError: when there is none and the user can't open one
        """
        self.ensure_one()
        self.check_access("read")
        files = self.env["o2c.credit.file"]
        owner = self.env.company.sudo().o2c_exposure_company_id
        file = files.with_context(active_test=False).search(
            [("corporate_group_id", "=", self.id), ("company_id", "=", owner.id)]
        )
        if not file and not files.has_access("create"):
            raise UserError(
                self.env._("There is no credit file of %s. Credit officers open them.", self.display_name)
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit file"),
            "res_model": files._name,
            "res_id": file.id,
            "views": [(False, "form")],
            "context": {"default_corporate_group_id": self.id, "default_company_id": owner.id},
        }

    def _get_o2c_action(self, xmlid):
        """An action on what is about the group, or about its members."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {**action, "domain": [("corporate_group_id", "=", self.id)], "context": {}}
