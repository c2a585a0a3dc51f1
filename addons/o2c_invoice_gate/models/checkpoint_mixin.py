from odoo import models

from .gate_notes import Figures


class CheckpointMixin(models.AbstractModel):
    """The figures of the gate are read once for all documents of a batch."""

    _inherit = "o2c.checkpoint.mixin"

    def _judge_o2c(self, checkpoint):
        if checkpoint != "invoice":
            return super()._judge_o2c(checkpoint)
        orders = self._get_o2c_gate_orders()
        figures = self.env["o2c.invoice.gate"].sudo()._get_figures(orders) if orders else {}
        judges = self.with_context(o2c_gate_figures=Figures(figures)) if figures else self
        return super(CheckpointMixin, judges)._judge_o2c(checkpoint)

    def _get_o2c_gate_orders(self):
        """Orders whose money and quantities decide about these documents."""
        return self.env["sale.order"]

    def _get_o2c_gate_figures(self):
        """``{order id: OrderFigures}`` that were read for this batch: an object of this process, which
        nobody can send from outside."""
        figures = self.env.context.get("o2c_gate_figures")
        return figures.orders if type(figures) is Figures else {}
