from odoo import api, models
from odoo.tools import SQL


class CreditSource(models.AbstractModel):
    """Promises of twelve months, by the day that was promised."""

    _inherit = "o2c.credit.source"

    @api.model
    def _sql_promise_items(self, question):
        told = self.env["o2c.payment.promise"]._sql_told(
            self._sql_question_scope(question), self._get_start(question), question.date)
        return [
            *super()._sql_promise_items(question),
            SQL("SELECT partner_id, is_broken AS marked FROM (%s) told", told),
        ]
