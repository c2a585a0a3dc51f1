from odoo import fields, models


class O2cExposureReport(models.Model):
    """The component of the till, so that the columns add up to the exposure."""

    _inherit = "o2c.exposure.report"

    till = fields.Monetary(
        string="On Account at the Till",
        readonly=True,
        help="Orders of open sessions on the customer's account, before an invoice or the session books "
        "them.",
    )
