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
        "res.partner", string="Customer", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    corporate_group_id = fields.Many2one(
        "o2c.corporate.group", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    decisions = fields.Integer(readonly=True, help="Raised by each order or delivery that was judged.")

    _subject_uniq = models.UniqueIndex(
        "(company_id, COALESCE(partner_id, 0), COALESCE(corporate_group_id, 0))"
    )

    @api.model
    def _touch(self, keys):
        """Raise the counter of each (company id, partner id) and of its group; missing rows are made.

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
                INSERT INTO o2c_credit_profile (company_id, partner_id, corporate_group_id, decisions)
                SELECT DISTINCT company.o2c_exposure_company_id, subject.partner_id, subject.group_id, 1
                  FROM (VALUES %s) AS keys (company_id, partner_id)
                  JOIN res_company company ON company.id = keys.company_id
                  JOIN res_partner partner ON partner.id = keys.partner_id
                 CROSS JOIN LATERAL (VALUES
                       (partner.id, NULL::int), (NULL::int, partner.o2c_corporate_group_id)
                       ) AS subject (partner_id, group_id)
                 WHERE subject.partner_id IS NOT NULL OR subject.group_id IS NOT NULL
                 ORDER BY 1, 2, 3
                ON CONFLICT (company_id, COALESCE(partner_id, 0), COALESCE(corporate_group_id, 0))
                DO UPDATE SET decisions = o2c_credit_profile.decisions + 1
                """,
                pairs,
            )
        )
