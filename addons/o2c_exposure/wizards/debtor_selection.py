from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class O2cDebtorSelection(models.AbstractModel):
    """Choice of companies and customers for a report whose statement passes the record rules."""

    _name = "o2c.debtor.selection"
    _description = "Selection of customers"

    company_ids = fields.Many2many(
        comodel_name="res.company",
        string="Companies",
        required=True,
        default=lambda self: self.env.companies,
    )
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        string="Customers",
        domain="[('parent_id', '=', False)]",
        help="Empty: all customers.",
    )
    corporate_group_ids = fields.Many2many("o2c.corporate.group", string="Corporate Groups")
    user_ids = fields.Many2many("res.users", string="Salespeople")

    def _check_companies(self):
        """Refuse companies that the user does not work for.

        :raise AccessError: naming them
        """
        # As superuser: the user's own read would leave out what has to be refused.
        chosen = self.sudo().company_ids
        if not chosen:
            raise UserError(self.env._("Choose at least one company."))
        foreign = chosen - self.env.user.company_ids
        if foreign and not self.env.su:
            raise AccessError(self.env._(
                "You don't work for %(companies)s. Choose other companies or ask for access to them.",
                companies=", ".join(foreign.sudo().mapped("name")),
            ))

    def _sql_scope(self):
        """Condition on ``debtor`` and ``company``: what was chosen and the user may see."""
        self._check_companies()
        terms = [
            self.env["o2c.exposure"]._sql_readable(),
            SQL("company.id = ANY(%s)", self.company_ids.ids),
        ]
        if self.partner_ids:
            debtors = self.partner_ids.commercial_partner_id
            terms.append(SQL("debtor.commercial_partner_id = ANY(%s)", debtors.ids))
        if self.corporate_group_ids:
            groups = self.corporate_group_ids.ids
            terms.append(self.env["o2c.exposure"]._sql_members(SQL("= ANY(%s)", groups)))
        if self.user_ids:
            terms.append(SQL(
                """debtor.commercial_partner_id IN (
                    SELECT id FROM res_partner WHERE user_id = ANY(%s))""",
                self.user_ids.ids,
            ))
        return SQL(" AND ").join(terms)
