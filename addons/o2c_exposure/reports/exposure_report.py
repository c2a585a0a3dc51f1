from odoo import api, fields, models
from odoo.tools import SQL


class O2cExposureReport(models.Model):
    """Exposure per customer and company, one column per component. Computed when it is read.

    A module that adds a component adds a Monetary field of the component's code.
    """

    _name = "o2c.exposure.report"
    _description = "Exposure of customers"
    _inherit = ["o2c.debtor.mixin"]
    _auto = False
    _order = "total desc, id"
    _rec_name = "partner_id"

    receivable = fields.Monetary(
        string="Open Receivables",
        readonly=True,
        help="Posted invoices and credit notes that are not paid, at booked value.",
    )
    unallocated = fields.Monetary(
        string="Unallocated Receipts",
        readonly=True,
        help="Money received that is not matched with an invoice yet. Reduces the exposure.",
    )
    delivered = fields.Monetary(
        string="Delivered, not Invoiced",
        readonly=True,
        help="Goods and services of confirmed orders that left and are not in a posted invoice.",
    )
    ordered = fields.Monetary(
        string="Ordered, not Delivered",
        readonly=True,
        help="What confirmed orders may still deliver, at the order's price and rate.",
    )
    total = fields.Monetary(
        string="Exposure",
        readonly=True,
        help="Sum of the components, each with the weight that the company gives it.",
    )
    line_ids = fields.Many2many(
        comodel_name="o2c.exposure.line", string="Components", compute="_compute_line_ids")

    # -------------------------------------------------------------------------
    # Query
    # -------------------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL(
            "SELECT %s AS id, sums.*, %s FROM (%s) sums %s",
            self._sql_id(), self._sql_attributes(),
            self.env["o2c.exposure"]._sql_exposure(), self._sql_attribute_joins("sums"),
        )

    @api.model
    def _sql_id(self):
        """Number of a row: the same for a customer and company at every reading."""
        return SQL("sums.partner_id * (SELECT MAX(id) + 1 FROM res_company) + sums.company_id")

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    def _compute_line_ids(self):
        # With all fields at once: read by id alone, the rows of every customer would be made again.
        lines = self.env["o2c.exposure.line"].search_fetch(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)],
            [name for name, field in self.env["o2c.exposure.line"]._fields.items() if field.store],
        )
        by_key = lines.grouped(lambda line: (line.partner_id, line.company_id))
        for report in self:
            report.line_ids = by_key.get((report.partner_id, report.company_id), lines.browse())
