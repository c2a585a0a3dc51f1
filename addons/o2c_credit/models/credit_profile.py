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
        rows = self._get_subjects(keys)
        if not rows:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_credit_profile (company_id, partner_id, corporate_group_id, decisions)
                VALUES %s
                ON CONFLICT (company_id, COALESCE(partner_id, 0), COALESCE(corporate_group_id, 0))
                DO UPDATE SET decisions = o2c_credit_profile.decisions + 1
                """,
                SQL(", ").join(SQL("(%s, %s, %s, 1)", *row) for row in rows),
            )
        )

    @api.model
    def _get_subjects(self, keys):
        """``(company id, partner id, None)`` and ``(company id, None, group id)`` of the keys, each once, in
        the order of the rows' locks."""
        companies = self.env["res.company"].sudo()
        partners = self.env["res.partner"].sudo()
        subjects = set()
        for company_id, partner_id in keys:
            owner = companies.browse(company_id).o2c_exposure_company_id.id
            group = partners.browse(partner_id).o2c_corporate_group_id.id
            subjects.add((owner, partner_id or None, None))
            if group:
                subjects.add((owner, None, group))
        return sorted(subjects, key=lambda subject: [part or 0 for part in subject])
