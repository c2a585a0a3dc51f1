from odoo import fields, models


class O2cExposureReport(models.Model):
    """The component of deposits, so that the columns add up to the exposure."""

    _inherit = "o2c.exposure.report"

    deposit = fields.Monetary(
        string="Deposits Held",
        readonly=True,
        help="Receipts that are a guarantee in force: they reduce nothing that is owed, and are added back.",
    )
