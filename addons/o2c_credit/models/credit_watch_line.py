from odoo import api, fields, models

from .credit_watch import MEASURES

TRIGGERS = [
    ("overdue_days", "Item overdue (days)"),
    ("overdue_share", "Share overdue (%)"),
    ("broken_promises", "Broken promises"),
    ("dormant", "Months without an order"),
    ("score_fall", "Points lost"),
    ("usage", "Limit used (%)"),
]


class CreditWatchLine(models.Model):
    """One reason why a customer is watched, from the day it appeared until the day it was gone."""

    _name = "o2c.credit.watch.line"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Trigger of the watch list"
    _order = "watch_id, date_from desc, id"
    _rec_name = "trigger"

    _guarded_fields = "*"

    watch_id = fields.Many2one(
        "o2c.credit.watch", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="watch_id.company_id", store=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(related="watch_id.partner_id", store=True, index=True, ondelete="restrict")
    corporate_group_id = fields.Many2one(
        related="watch_id.corporate_group_id", store=True, index="btree_not_null", ondelete="restrict"
    )
    trigger = fields.Selection(TRIGGERS, required=True, readonly=True, index=True)
    figure = fields.Float(readonly=True, aggregator="max", help="As of the last look.")
    threshold = fields.Float(readonly=True, aggregator=None, help="Of the credit policy.")
    measure = fields.Selection(MEASURES, readonly=True)
    date_from = fields.Date(string="Since", required=True, readonly=True)
    date_to = fields.Date(string="Until", readonly=True, help="Empty: it still holds.")

    _trigger_uniq = models.UniqueIndex("(watch_id, trigger) WHERE date_to IS NULL")

    # === BUSINESS METHODS === #

    @api.model
    def _describe_triggers(self, triggers):
        """One sentence: each trigger with its figure and threshold."""
        labels = dict(self._fields["trigger"]._description_selection(self.env))
        return "; ".join(
            self.env._(
                "%(trigger)s: %(figure)s, watched from %(threshold)s",
                trigger=labels[trigger.code],
                figure=f"{trigger.figure:g}",
                threshold=f"{trigger.threshold:g}",
            )
            for trigger in triggers
        )
