from odoo import api, fields, models
from odoo.tools import SQL

ATTRIBUTES = ("country_id", "user_id", "o2c_corporate_group_id")


class O2cDebtorMixin(models.AbstractModel):
    """Rows about a customer in a company, and what such rows are grouped by."""

    _name = "o2c.debtor.mixin"
    _description = "Row about a customer"

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", string="Company Currency", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    corporate_group_id = fields.Many2one("o2c.corporate.group", readonly=True)

    @api.model
    def _sql_attributes(self):
        """Columns of the fields above beside ``partner_id`` and ``company_id``."""
        return SQL(
            """holder.currency_id, customer.country_id, customer.user_id,
               salesperson.sale_team_id AS team_id,
               customer.o2c_corporate_group_id AS corporate_group_id""",
            to_flush=[self.env["res.partner"]._fields[name] for name in ATTRIBUTES],
        )

    @api.model
    def _sql_attribute_joins(self, rows):
        """Joins that :meth:`_sql_attributes` needs, for an alias ``rows`` with both keys."""
        return SQL(
            """JOIN res_partner customer ON customer.id = %(rows)s.partner_id
               JOIN res_company holder ON holder.id = %(rows)s.company_id
          LEFT JOIN res_users salesperson ON salesperson.id = customer.user_id""",
            rows=SQL.identifier(rows),
        )

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        self.check_access("read")
        return self.partner_id.get_formview_action()
