from odoo import api, models


class Hold(models.Model):
    """A policy that has judged an invoice is not edited any more."""

    _inherit = "o2c.hold"

    @api.model
    def _store_decisions(self, decisions, **kwargs):
        created = super()._store_decisions(decisions, **kwargs)
        policies = self.env["o2c.invoice.policy"].sudo()
        ids = {
            terms["id"]
            for decision in decisions
            if decision.checkpoint == "invoice" and decision.judgements
            for order in decision.document._get_o2c_gate_orders()
            if (terms := policies._get_terms(order))
        }
        policies.browse(ids)._mark_judged()
        return created
