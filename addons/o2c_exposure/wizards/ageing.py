from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

INSERTED = (
    "source", "res_model", "res_id", "move_id", "name", "date", "date_due", "amount", "amount_original",
    "doc_currency_id", "amount_currency",
)


class O2cAgeing(models.TransientModel):
    """Ageing of customers' open items as of a date, on the screen, as PDF and as spreadsheet.

    The rows are a snapshot that belongs to its user: one INSERT ... SELECT from the claims
    as they were at that date.
    """

    _name = "o2c.ageing"
    _description = "Ageing of receivables"
    _inherit = ["o2c.debtor.selection"]

    # -------------------------------------------------------------------------
    # Fields
    # -------------------------------------------------------------------------

    as_of = fields.Date(
        string="As of", required=True, default=fields.Date.context_today,
        help="Items count with what was open at the end of this day.")
    scheme_id = fields.Many2one(
        "o2c.ageing.scheme", string="Buckets", required=True, default=lambda self: self._default_scheme(),
        domain="['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]")
    basis = fields.Selection(
        [("due", "Due date"), ("document", "Document date")], string="Age from", required=True, default="due")
    only_overdue = fields.Boolean(string="Only Customers with Overdue Items")
    line_ids = fields.One2many("o2c.ageing.line", "ageing_id", string="Items")

    @api.model
    def _default_scheme(self):
        company = self.env.company
        return company.o2c_ageing_scheme_id or self.env["o2c.ageing.scheme"].search(
            [("company_id", "in", (False, company.id))], limit=1)

    @api.depends("as_of")
    def _compute_display_name(self):
        for ageing in self:
            ageing.display_name = self.env._("Ageing as of %s", format_date(self.env, ageing.as_of))

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    def write(self, vals):
        """Drop the snapshot: it belongs to the date and the choice that it was taken for."""
        result = super().write(vals)
        self.line_ids.sudo().unlink()
        return result

    # -------------------------------------------------------------------------
    # Actions
    # -------------------------------------------------------------------------

    def action_show(self):
        """Take the snapshot and open it."""
        self.ensure_one()
        self._fill()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_exposure.ageing_line_action")
        action["domain"] = [("ageing_id", "=", self.id)]
        action["display_name"] = self.display_name
        return action

    def action_print(self):
        """Take the snapshot and print it."""
        self.ensure_one()
        self._fill()
        return self.env.ref("o2c_exposure.ageing_report").report_action(self, config=False)

    def action_export(self):
        """Take the snapshot and download it as a spreadsheet."""
        self.ensure_one()
        self._fill()
        return {
            "type": "ir.actions.act_url",
            "url": f"/o2c_exposure/ageing/{self.id}/xlsx",
            "target": "download",
        }

    # -------------------------------------------------------------------------
    # Business methods
    # -------------------------------------------------------------------------

    def _fill(self):
        """Replace the rows by a new snapshot."""
        self.ensure_one()
        self.env.flush_all()
        self.line_ids.sudo().unlink()
        self.env.cr.execute(self._sql_insert())
        self.env.invalidate_all()

    def _sql_insert(self):
        """Snapshot as one INSERT, items of amount 0 left out."""
        lines = self.env["o2c.ageing.line"]
        origin = SQL.identifier("claims", "date_due" if self.basis == "due" else "date")
        age = SQL("%s::date - %s", self.as_of, origin)
        bucket = self.env["o2c.ageing.bucket"]._sql_bucket(
            self.scheme_id, days=age, amount=SQL("claims.amount"))
        columns = SQL(", ").join(SQL.identifier(name) for name in INSERTED)
        values = SQL(", ").join(SQL.identifier("claims", name) for name in INSERTED)
        return SQL(
            """INSERT INTO o2c_ageing_line (
                      ageing_id, company_id, partner_id, age, bucket_id, %(columns)s,
                      currency_id, country_id, user_id, team_id, corporate_group_id,
                      create_uid, create_date, write_uid, write_date)
               SELECT %(ageing)s, claims.company_id, claims.partner_id, %(age)s, %(bucket)s, %(values)s,
                      %(attributes)s, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                 FROM (%(claims)s) claims %(joins)s
                WHERE %(wanted)s""",
            ageing=self.id, age=age, bucket=bucket, columns=columns, values=values, uid=self.env.uid,
            attributes=lines._sql_attributes(), joins=lines._sql_attribute_joins("claims"),
            claims=self.env["o2c.claim"]._sql_claims(self.as_of, self._sql_scope()),
            wanted=self._sql_wanted(),
        )

    def _sql_wanted(self):
        """Condition on ``claims`` beyond the scope."""
        if not self.only_overdue:
            return SQL("claims.amount <> 0")
        late = self.env["o2c.claim"]._sql_claims(self.as_of, self._sql_scope())
        return SQL(
            """claims.amount <> 0 AND (claims.company_id, claims.partner_id) IN (
                SELECT company_id, partner_id FROM (%s) late WHERE amount_overdue > 0)""",
            late,
        )

    def _get_tables(self):
        """The snapshot as one table per company, for print and export.

        :return: list of dicts ``company, currency, buckets, rows, totals, total`` with ``rows`` of
            ``partner, amounts`` (by bucket, in order) ``, total``, by falling total
        """
        self.ensure_one()
        buckets = self.scheme_id.bucket_ids.filtered(
            lambda bucket: bucket.kind != "credit" or self.scheme_id.credits_apart)
        amounts = {}
        for company, partner, bucket, amount in self.env["o2c.ageing.line"]._read_group(
            [("ageing_id", "=", self.id)], ["company_id", "partner_id", "bucket_id"], ["amount:sum"],
        ):
            amounts.setdefault(company, {}).setdefault(partner, {})[bucket] = amount
        return [
            self._prepare_table(company, buckets, amounts[company])
            for company in self.company_ids if company in amounts
        ]

    def _prepare_table(self, company, buckets, amounts):
        rows = sorted((
            {"partner": partner, "amounts": [by_bucket.get(b, 0.0) for b in buckets],
             "total": sum(by_bucket.values())}
            for partner, by_bucket in amounts.items()
        ), key=lambda row: -row["total"])
        totals = [sum(column) for column in zip(*(row["amounts"] for row in rows), strict=True)]
        return {
            "company": company, "currency": company.currency_id, "buckets": buckets, "rows": rows,
            "totals": totals, "total": sum(totals),
        }
