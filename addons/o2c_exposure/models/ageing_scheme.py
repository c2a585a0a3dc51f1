from odoo import api, fields, models
from odoo.exceptions import ValidationError


class O2cAgeingScheme(models.Model):
    """Buckets of an ageing report: what is not due, ranges of days overdue, and credits."""

    _name = "o2c.ageing.scheme"
    _description = "Ageing scheme"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    # -------------------------------------------------------------------------
    # Fields
    # -------------------------------------------------------------------------

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", tracking=True, help="Leave empty to offer the scheme to all companies.")
    credits_apart = fields.Boolean(
        string="Credits in a Column of their own",
        default=True,
        tracking=True,
        help="Credit notes and receipts that no invoice has consumed yet. Otherwise they reduce the bucket"
             " of their own date, and overdue amounts look smaller than what is asked for.",
    )
    bucket_ids = fields.One2many("o2c.ageing.bucket", "scheme_id", string="Buckets", copy=True)
    overdue_bucket_ids = fields.One2many(
        "o2c.ageing.bucket", "scheme_id", string="Overdue from Day", domain=[("kind", "=", "overdue")],
        default=lambda self: self._default_overdue_buckets())

    # -------------------------------------------------------------------------
    # Checks
    # -------------------------------------------------------------------------

    @api.constrains("bucket_ids", "overdue_bucket_ids")
    def _check_buckets(self):
        for scheme in self:
            kinds = scheme.bucket_ids.mapped("kind")
            starts = scheme.bucket_ids.filtered(lambda b: b.kind == "overdue").mapped("days_from")
            if kinds.count("current") != 1 or kinds.count("credit") != 1 or 1 not in starts:
                raise ValidationError(self.env._(
                    "%(scheme)s leaves items without a bucket: one overdue bucket has to begin on day 1.",
                    scheme=scheme.name,
                ))

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([
            {**vals, "bucket_ids": self._prepare_buckets(vals), "overdue_bucket_ids": []}
            for vals in vals_list
        ])

    @api.model
    def _default_overdue_buckets(self):
        return [fields.Command.create({"days_from": day}) for day in (1, 31, 61, 91)]

    @api.model
    def _prepare_buckets(self, vals):
        """Commands for all buckets of a new scheme: the given ones and the two that each has."""
        given = [*(vals.get("bucket_ids") or []), *(vals.get("overdue_bucket_ids") or [])]
        created = [command[2] for command in given if command[0] == fields.Command.CREATE]
        kinds = {values.get("kind", "overdue") for values in created}
        fixed = [fields.Command.create({"kind": kind}) for kind in ("credit", "current") if kind not in kinds]
        return fixed + given + ([] if "overdue" in kinds else self._default_overdue_buckets())
