from odoo import api, models


class Hold(models.Model):
    _inherit = "o2c.hold"

    @api.model
    def _store_decisions(self, decisions, **kwargs):
        """A credit policy that has judged a step is not edited any more."""
        created = super()._store_decisions(decisions, **kwargs)
        ids = {
            policy["id"]
            for decision in decisions
            if decision.checkpoint in ("order", "delivery") and decision.judgements
            for policy in [decision.document._get_o2c_credit_policy()]
            if policy
        }
        self.env["o2c.credit.policy"].sudo().browse(ids)._mark_judged()
        return created
