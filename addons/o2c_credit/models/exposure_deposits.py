from odoo import api, models
from odoo.addons.o2c_exposure.rules.exposure import Component, Source
from odoo.tools import SQL


class O2cExposure(models.AbstractModel):
    """Receipts that are held as a guarantee don't reduce what a customer owes.

    The receipt itself is among the unallocated ones, with a minus; this source adds it back
    while the guarantee is in force, so that the money counts once: as cover.
    """

    _inherit = "o2c.exposure"

    @api.model
    def _sources(self):
        deposits = Component("deposit", self.env._("Deposits held as a guarantee"))
        return [*super()._sources(), Source("deposits", "account.move.line", (deposits,))]

    @api.model
    def _sql_source_deposits(self, scope):
        """Open receipts behind deposits in force, positive, up to the value of the guarantee."""
        guarantee = self.env["o2c.credit.guarantee"]
        return SQL(
            "SELECT company_id, partner_id, line_id AS res_id, deposit FROM (%s) held",
            guarantee._sql_deposits(SQL("guarantee.state = 'in_force' AND %s", scope)),
            to_flush=[
                *guarantee._get_worth_fields(),
                *(guarantee._fields[name] for name in ("payment_id", "state", "value")),
            ],
        )
