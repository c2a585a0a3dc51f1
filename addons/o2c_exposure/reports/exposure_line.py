from odoo import api, fields, models
from odoo.tools import SQL


class O2cExposureLine(models.Model):
    """One component of a customer's exposure in a company: a step of the waterfall."""

    _name = "o2c.exposure.line"
    _description = "Component of the exposure"
    _inherit = ["o2c.debtor.mixin"]
    _auto = False
    _order = "partner_id, company_id, sequence"
    _rec_name = "component"

    sequence = fields.Integer(readonly=True, aggregator=None)
    component = fields.Selection(
        selection=lambda self: [(c.code, c.label) for c in self.env["o2c.exposure"]._components()],
        readonly=True,
    )
    amount = fields.Monetary(readonly=True, help="Amount of the component before its weight.")
    weight = fields.Float(readonly=True, aggregator=None, digits=(5, 4), help="Share that counts.")
    total = fields.Monetary(string="Exposure", readonly=True, help="Amount times weight: what counts.")

    @property
    def _table_query(self):
        exposure = self.env["o2c.exposure"]
        parts = SQL(", ").join(
            SQL("(%s, %s, %s, %s)", i, c.code, SQL.identifier("sums", c.code), exposure._sql_weight(c))
            for i, c in enumerate(exposure._components(), start=1)
        )
        return SQL(
            """SELECT %(id)s AS id, sums.partner_id, sums.company_id, %(attributes)s,
                      part.sequence, part.component, part.amount, part.weight,
                      part.amount * part.weight AS total
                 FROM (%(sums)s) sums %(joins)s
                CROSS JOIN LATERAL (VALUES %(parts)s) part(sequence, component, amount, weight)
                WHERE part.amount <> 0""",
            id=self._sql_id(), attributes=self._sql_attributes(), parts=parts,
            sums=exposure._sql_exposure(), joins=self._sql_attribute_joins("sums"),
        )

    @api.model
    def _sql_id(self):
        """Number of a row: that of the customer's report with two digits for the component."""
        return SQL("(%s) * 100 + part.sequence", self.env["o2c.exposure.report"]._sql_id())

    @api.depends("component")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self._fields["component"].convert_to_export(line.component, line)

    def action_open_documents(self):
        """Open the documents behind the component."""
        self.ensure_one()
        self.check_access("read")
        return self.env["o2c.exposure"]._prepare_documents_action(
            self.component, self.partner_id.ids, self.company_id.ids)
