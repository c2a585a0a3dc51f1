from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..rules.ageing import bucket_labels


class O2cAgeingBucket(models.Model):
    """One column of an ageing report."""

    _name = "o2c.ageing.bucket"
    _description = "Ageing bucket"
    _order = "scheme_id, position"

    scheme_id = fields.Many2one("o2c.ageing.scheme", required=True, ondelete="cascade", index=True)
    kind = fields.Selection(
        [("credit", "Credits"), ("current", "Not due"), ("overdue", "Overdue")],
        required=True, default="overdue")
    days_from = fields.Integer(
        string="From Day",
        help="First day overdue that falls into the bucket; it ends where the next begins.",
    )
    position = fields.Integer(compute="_compute_position", store=True)
    name = fields.Char(compute="_compute_name")

    _days_unique = models.UniqueIndex(
        "(scheme_id, kind, days_from)", "Two buckets of a scheme begin on the same day.")
    _days_positive = models.Constraint(
        "CHECK((kind = 'overdue') = (days_from > 0))", "An overdue bucket begins on day 1 or later.")

    @api.depends("kind", "days_from")
    def _compute_position(self):
        for bucket in self:
            bucket.position = {"credit": -1, "current": 0}.get(bucket.kind, bucket.days_from)

    @api.depends("kind", "days_from", "scheme_id.bucket_ids.days_from")
    @api.depends_context("lang")
    def _compute_name(self):
        for bucket in self:
            if bucket.kind == "credit":
                bucket.name = self.env._("Credits")
            elif bucket.kind == "overdue" and bucket.days_from > 0:
                overdue = bucket.scheme_id.bucket_ids.filtered(lambda b: b.kind == "overdue") | bucket
                starts = sorted(set(overdue.mapped("days_from")))
                bucket.name = bucket_labels(starts)[starts.index(bucket.days_from)]
            else:
                bucket.name = self.env._("Not due")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        if self.filtered(lambda bucket: bucket.kind != "overdue" and bucket.scheme_id.exists()):
            raise UserError(self.env._("Every scheme has a column for what is not due and one for credits."))

    def unlink(self):
        schemes = self.scheme_id
        result = super().unlink()
        schemes.exists()._check_buckets()
        return result

    def _sql_bucket(self, scheme, *, days, amount):
        """Expression for the id of the bucket of an item.

        :param SQL days: days overdue, 0 or negative when not due
        :param SQL amount: negative for a credit
        """
        kinds = scheme.bucket_ids.grouped("kind")
        cases = [
            SQL("WHEN %s >= %s THEN %s", days, bucket.days_from, bucket.id)
            for bucket in kinds["overdue"].sorted("days_from", reverse=True)
        ]
        if scheme.credits_apart:
            cases.insert(0, SQL("WHEN %s < 0 THEN %s", amount, kinds["credit"].id))
        return SQL("CASE %s ELSE %s END", SQL(" ").join(cases), kinds["current"].id)
