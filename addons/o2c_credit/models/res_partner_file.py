from odoo import api, fields, models
from odoo.exceptions import UserError

READERS = "o2c_base.group_o2c_user,sales_team.group_sale_salesman"


class ResPartner(models.Model):
    """The customer's credit file, and the way to a new one."""

    _inherit = "res.partner"

    o2c_credit_file_id = fields.Many2one(
        "o2c.credit.file",
        string="Credit file",
        compute="_compute_o2c_credit_file",
        groups=READERS,
        help="Of the company that owes, in the current company.",
    )
    o2c_credit_file_text = fields.Char(compute="_compute_o2c_credit_file", groups=READERS)

    # === COMPUTES === #

    @api.depends_context("company", "uid", "lang")
    def _compute_o2c_credit_file(self):
        found = self.env["o2c.credit.file"]._get_files(self.env.company, self._origin)
        readable = self.env["o2c.credit.file"].search([("id", "in", [file.id for file in found.values()])])
        for partner in self:
            file = found.get(partner._origin.id)
            partner.o2c_credit_file_id = file.id if file and file.id in readable.ids else False
            partner.o2c_credit_file_text = (
                f"{file.completeness} %" if partner.o2c_credit_file_id else self.env._("None")
            )

    # === ACTIONS === #

    def action_o2c_credit_file(self):
        """Open the credit file in the current company; credit officers are offered a new one.

        :raise UserError: when there is none and the user can't open one
        """
        self.ensure_one()
        self.check_access("read")
        files = self.env["o2c.credit.file"]
        owner = self.env.company.sudo().o2c_exposure_company_id
        debtor = self.commercial_partner_id
        file = files.with_context(active_test=False).search(
            [("partner_id", "=", debtor.id), ("company_id", "=", owner.id)]
        )
        if not file and not files.has_access("create"):
            raise UserError(
                self.env._("There is no credit file of %s. Credit officers open them.", debtor.display_name)
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit file"),
            "res_model": files._name,
            "res_id": file.id,
            "views": [(False, "form")],
            "context": {"default_partner_id": debtor.id, "default_company_id": owner.id},
        }
