from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError


class LimitTakeover(models.TransientModel):
    """Propose the limits that Odoo holds on its partners as credit applications.

    They go the way of every application: the authority table names who approves.
    Who may write Odoo's field could otherwise give a limit to anybody. The approvers decide on
    all of them at once in their list of requests.
    """

    _name = "o2c.limit.takeover"
    _description = "Take over Odoo's credit limits"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company.o2c_exposure_company_id
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    line_ids = fields.One2many(
        "o2c.limit.takeover.line",
        "wizard_id",
        string="Customers",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    hide_warning = fields.Boolean(
        string="Replace Odoo's warning",
        default=True,
        help="Odoo's own credit warning is no longer shown in this company; the suite shows its own.",
    )

    @api.depends("company_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear()] + [
                Command.create({"partner_id": partner.id, "amount": amount})
                for partner, amount in wizard._get_odoo_limits()
            ]

    def _get_odoo_limits(self):
        """(customer, limit in company currency) for each customer with a limit of its own.

        Customers whose limit was taken over already at the same amount are left out.
        """
        partners = self.env["res.partner"].sudo().with_company(self.company_id)
        default = partners._fields["credit_limit"].get_company_dependent_fallback(partners)
        found = partners.search([("credit_limit", ">", 0), ("parent_id", "=", False)])
        known = self._get_known()
        return [
            (partner.sudo(False), partner.credit_limit)
            for partner in found
            if partner.credit_limit != default and (partner.id, partner.credit_limit) not in known
        ]

    def _get_known(self):
        """(customer id, amount) of what was granted or is proposed already."""
        mine = [("company_id", "=", self.company_id.id)]
        granted = self.env["o2c.credit.limit"].sudo().search([*mine, ("kind", "=", "regular")])
        proposed = (
            self.env["o2c.credit.application"]
            .sudo()
            .search([*mine, ("kind", "in", ("first", "review")), ("state", "in", ("draft", "requested"))])
        )
        return {
            (record.partner_id.id, record.amount) for records in (granted, proposed) for record in records
        }

    def action_take_over(self):
        """Make the proposals, submit them and silence Odoo's warning where asked."""
        self.ensure_one()
        if not self.env.user.has_group("o2c_base.group_credit_officer"):
            raise AccessError(self.env._("Only a credit officer takes credit limits over."))
        if not self.line_ids and not self.hide_warning:
            raise UserError(self.env._("There is no customer with a limit of its own to take over."))
        applications = self._draft_applications()
        ready = applications.filtered(lambda application: not application.sudo()._get_objections())
        ready.action_submit()
        if self.hide_warning:
            self.company_id.sudo().o2c_limits_taken_over = True
        self.env["o2c.register"]._log(
            self.company_id,
            "limit_taken_over",
            self.env._("%s limits of Odoo proposed as limits of the suite", len(applications)),
            company=self.company_id,
            evidence={"applications": applications.ids, "submitted": ready.ids},
        )
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.credit_application_action")
        action["domain"] = [("id", "in", applications.ids)]
        action["context"] = {}
        return action

    def _draft_applications(self):
        """One application per line. What the policy does not allow stays a draft, with its objections."""
        return self.env["o2c.credit.application"].create(
            [
                {
                    "partner_id": line.partner_id.id,
                    "company_id": self.company_id.id,
                    "currency_id": self.currency_id.id,
                    "amount": line.amount,
                    "reason": self.env._("Taken over from Odoo's credit limit."),
                }
                for line in self.line_ids
            ]
        )


class LimitTakeoverLine(models.TransientModel):
    _name = "o2c.limit.takeover.line"
    _description = "Credit limit to take over"

    wizard_id = fields.Many2one("o2c.limit.takeover", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True)
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    amount = fields.Monetary(string="Limit", required=True)
