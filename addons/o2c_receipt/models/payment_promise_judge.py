from odoo import api, models
from odoo.tools import SQL, format_amount, format_date, split_every

from .payment_promise_measure import UNSETTLED

BATCH = 200
ACTIVITY = "o2c_receipt.activity_type_promise"


class PaymentPromise(models.Model):
    """How promises come to their ends by themselves."""

    _inherit = "o2c.payment.promise"

    # === JOB === #

    @api.model
    def _cron_judge(self):
        """Let promises be what the money and the day say; every company by its own clock."""
        ids = self._find_changed()
        self.env["ir.cron"]._commit_progress(remaining=len(ids))
        for batch in split_every(BATCH, ids):
            self.sudo().browse(batch).try_lock_for_update()._settle()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return

    @api.model
    def _find_changed(self):
        """Ids of all promises that are not what they were judged as. One statement."""
        return [promise_id for (promise_id,) in self.env.execute_query(SQL(
            """SELECT id FROM (%s) measured
                WHERE status <> state OR state = 'broken' AND was_paid_on IS NULL AND paid_on IS NOT NULL
             ORDER BY id""",
            self._sql_measured(SQL(UNSETTLED)),
        ))]

    # === BUSINESS METHODS === #

    def _settle(self):
        """Judge these promises as of now. For callers with superuser rights."""
        measured = self._measure()
        for promise in self:
            found = measured.get(promise.id)
            if found and found.status != promise.state:
                getattr(promise, f"_become_{found.status}")(found)
            elif found and promise.state == "broken" and found.paid_on and not promise.paid_on:
                promise._note_late_payment(found)

    def _become_kept(self, found):
        text = self.env._("The promised amount came in, complete on %s.", self._format_day(found.paid_on))
        self._close("kept", text, found, paid_on=found.paid_on)
        self._finish_activities(text)

    def _become_broken(self, found):
        """The day is over. What came in later says so beside it."""
        text = self.env._(
            "%(missing)s of %(amount)s had not come in when the promised day, %(day)s, was over.",
            missing=self._format_amount(self.amount - self._get_received_in_time()),
            amount=self._format_amount(self.amount), day=self._format_day(self.date_promised))
        self._close("broken", text, found)
        self.order_id.message_post(body=self.env._("%(number)s: %(text)s", number=self.name, text=text))
        self._tell_salesperson(text)
        if found.paid_on:
            self._note_late_payment(found)

    def _become_withdrawn(self, found):
        text = self.env._("The order was cancelled.")
        self._close("withdrawn", text, found, reason=text)
        self._finish_activities(text)

    def _note_late_payment(self, found):
        text = self.env._(
            "Paid late on %(day)s: it was promised until %(promised)s.",
            day=self._format_day(found.paid_on), promised=self._format_day(self.date_promised))
        self._guarded_write({"paid_on": found.paid_on})
        self.env["o2c.register"]._log(self, "promise_paid_late", text, **self._prepare_register_vals())
        self._finish_activities(text)

    def _close(self, state, text, found, **values):
        self._move_state(state, message=text, vals={
            "closed_level": found.level, "closed_on": self.company_id._o2c_today(), **values,
        }, evidence={"promised_day": str(self.date_promised), "level": found.level})
        self.message_post(body=text)

    def _get_received_in_time(self):
        """What of the promised amount had come in at the end of the promised day."""
        [[rest]] = self.env.execute_query(SQL(
            "SELECT level - in_time FROM (%s) measured WHERE id = %s",
            self._sql_measured(SQL("promise.id = %s", self.id)), self.id))
        return min(max(self.amount - self.currency_id.round(float(rest)), 0.0), self.amount)

    # === PEOPLE === #

    def _tell_salesperson(self, text):
        """Somebody calls the customer: the salesperson, or who recorded the promise."""
        people = (self.user_id | self.recorded_by_id).filtered("active")
        if people:
            self.activity_schedule(
                ACTIVITY, user_id=people[0].id, date_deadline=self.company_id._o2c_today(), note=text)

    def _finish_activities(self, text):
        kind = self.env.ref(ACTIVITY)
        self.activity_ids.filtered(lambda item: item.activity_type_id == kind).action_feedback(feedback=text)

    def _format_day(self, day):
        return format_date(self.env, day)

    def _format_amount(self, amount):
        return format_amount(self.env, amount, self.currency_id)
