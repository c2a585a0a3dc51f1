from odoo import api, fields, models


class RequestDecide(models.TransientModel):
    """A comment for one decision, or the same decision on several requests."""

    _name = "o2c.request.decide"
    _description = "Decide Requests"

    request_ids = fields.Many2many("o2c.request", required=True)
    request_count = fields.Integer(compute="_compute_request_count")
    summary = fields.Html(compute="_compute_request_count")
    decision = fields.Selection(
        [("approved", "Approve"), ("rejected", "Reject")], required=True, default="approved"
    )
    comment = fields.Text()
    state = fields.Selection([("ask", "Ask"), ("done", "Done")], default="ask")
    line_ids = fields.One2many("o2c.request.decide.line", "decide_id", readonly=True)
    done_count = fields.Integer(readonly=True)

    @api.depends("request_ids")
    def _compute_request_count(self):
        for wizard in self:
            wizard.request_count = len(wizard.request_ids)
            wizard.summary = wizard.request_ids.summary if len(wizard.request_ids) == 1 else False

    def action_decide(self):
        """Decide; the requests check every right themselves. With several, show what was left and why."""
        self.ensure_one()
        if len(self.request_ids) == 1:
            return self._decide_one()
        done, failed = self.request_ids._with_clean_context()._decide_batch(self.decision, self.comment)
        self.write(
            {
                "state": "done",
                "done_count": len(done),
                "line_ids": [
                    (0, 0, {"request_id": request.id, "reason": reason}) for request, reason in failed
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("What was Decided"),
        }

    def _decide_one(self):
        decide = (
            self.request_ids.action_approve if self.decision == "approved" else self.request_ids.action_reject
        )
        result = decide(self.comment)
        if isinstance(result, dict):
            result["params"]["next"] = {"type": "ir.actions.act_window_close"}
            return result
        return {"type": "ir.actions.act_window_close"}


class RequestDecideLine(models.TransientModel):
    """A request that was not decided, and why."""

    _name = "o2c.request.decide.line"
    _description = "Request not Decided"

    decide_id = fields.Many2one("o2c.request.decide", required=True, ondelete="cascade")
    request_id = fields.Many2one("o2c.request", readonly=True)
    reason = fields.Text(readonly=True)
