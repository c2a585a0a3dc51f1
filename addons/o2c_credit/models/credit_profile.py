from odoo import api, fields, models
from odoo.tools import SQL


class CreditProfile(models.Model):
    """The row on which two decisions about one customer collide.

    Odoo runs at REPEATABLE READ: a transaction that waits for a row lock still
    reads the figures of its own, older snapshot. Raising the counter makes
    PostgreSQL refuse the second writer, and Odoo runs that request again on
    fresh figures. The counter itself means nothing.
    """

    _name = "o2c.credit.profile"
    _description = "Credit profile"
    _log_access = False
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    decisions = fields.Integer(readonly=True, help="Raised by each order or delivery that was judged.")

    _customer_uniq = models.UniqueIndex("(company_id, partner_id)")

    @api.model
    def _touch(self, keys):
        """Raise the counter of each (company id, partner id); missing rows are made.

        ON CONFLICT and not create(): an IntegrityError would not be retried by
        Odoo. Rows are touched in one order, so that two batches can't lock each
        other out. Branches meet on the row of the company that holds the limits.
        """
        if not keys:
            return
        pairs = SQL(", ").join(SQL("(%s, %s)", company, partner) for company, partner in keys)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_credit_profile (company_id, partner_id, decisions)
                SELECT DISTINCT company.o2c_exposure_company_id, keys.partner_id, 1
                  FROM (VALUES %s) AS keys (company_id, partner_id)
                  JOIN res_company company ON company.id = keys.company_id
                 ORDER BY 1, 2
                ON CONFLICT (company_id, partner_id)
                DO UPDATE SET decisions = o2c_credit_profile.decisions + 1
                """,
                pairs,
            )
        )
