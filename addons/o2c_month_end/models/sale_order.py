from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_view_o2c_accruals(self):
        """What month-end runs have booked for this order."""
        self.ensure_one()
        self.check_access("read")
        self.env["o2c.accrual.order"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_month_end.accrual_order_action")
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {}
        return action
