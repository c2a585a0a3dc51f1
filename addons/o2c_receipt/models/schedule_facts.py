from odoo import models
from odoo.addons.o2c_hold.models.facts import FactPart
from odoo.tools import SQL

from .instalment_mixin import FIRST_KINDS


class Facts(models.AbstractModel):
    """Deliveries of customers without deposits cost no query more: the fact says whether to look."""

    _inherit = "o2c.facts"

    def _fact_parts(self, checkpoint):
        """``has_first_payments``: a confirmed order of the debtor has to be paid in part beforehand."""
        parts = super()._fact_parts(checkpoint)
        if checkpoint == "delivery":
            parts.append(FactPart({"has_first_payments": self._sql_first_payments()}))
        return parts

    def _sql_first_payments(self):
        return SQL(
            """EXISTS (SELECT FROM o2c_instalment part
                         JOIN sale_order sold ON sold.id = part.order_id AND sold.state = 'sale'
                         JOIN res_partner payer ON payer.id = sold.partner_invoice_id
                        WHERE part.kind IN %s AND payer.commercial_partner_id = keys.partner_id)""",
            FIRST_KINDS,
        )
