import hashlib
import json

from odoo import fields, models
from odoo.addons.o2c_base.models.wording import join_names
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount


class AccrualRun(models.Model):
    """Who decides on a month-end run, and on what figures."""

    _inherit = "o2c.accrual.run"

    # === ACTIONS === #

    def action_submit(self, comment=None):
        """Ask the finance director.

        :raise AccessError: unless a finance officer of the company asks
        :raise UserError: naming what is missing: accounts, an open period, signed quantities, orders
        """
        self._check_run_right()
        for run in self:
            run._check_submittable()
            run._move_state(
                "requested", event="accrual_requested", evidence=run.sudo()._get_totals(),
                message=self.env._("%s was submitted", run.display_name))
            run._submit_for_approval(comment)
            run.sudo().activity_unlink(["o2c_month_end.mail_activity_type_month_end"])
        return True

    def _check_submittable(self):
        self.ensure_one()
        run = self.sudo()
        if run.state != "prepared":
            raise UserError(self.env._("Prepare %s first.", self.display_name))
        booked = run.line_ids.filtered(lambda line: not line.is_left_out)
        if not booked:
            raise UserError(self.env._("%s has no order to book.", self.display_name))
        gaps = run.company_id._get_o2c_accrual_gaps(
            booked._get_booked_kinds(), any(line.tax_balance for line in booked))
        if gaps:
            raise UserError(self.env._(
                "The settings lack: %s. Create them there.", join_names(self.env, gaps)))
        if lock := self._get_lock():
            raise UserError(lock)
        if run.company_id.o2c_check_required and not self._is_check_signed():
            raise UserError(self.env._(
                "Warehouse and finance have not signed the quantities of this month. Sign them first."))

    # === APPROVAL === #

    def _get_approval_amount(self):
        """Company currency: assets and liabilities together, since each of them changes the result."""
        return sum(abs(line.balance) for line in self.line_ids if not line.is_left_out)

    def _get_approval_fingerprint(self):
        return {
            "date": str(self.date),
            "accounts": {
                name: self.company_id[name].id
                for name in ("o2c_accrual_journal_id", "o2c_contract_asset_account_id",
                             "o2c_unbilled_account_id", "o2c_contract_liability_account_id",
                             "o2c_deferred_vat_account_id")
            },
            "totals": self._get_totals(),
            "orders": self._get_orders_hash(),
        }

    def _get_orders_hash(self):
        """Hash over what each order would book, in one statement."""
        self.env["o2c.accrual.order"].flush_model()
        self.env["o2c.accrual.item"].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT line.order_id, line.kind, line.amount, line.balance, line.tax_balance,
                      line.covered, line.covered_balance,
                      line.is_left_out, item.sale_line_id, item.balance, item.cost, item.account_id,
                      item.expense_account_id, item.stock_account_id
                 FROM o2c_accrual_order line
            LEFT JOIN o2c_accrual_item item ON item.accrual_id = line.id
                WHERE line.run_id = %s ORDER BY line.order_id, line.id, item.id""",
            self.id))
        content = json.dumps([[str(value) for value in row] for row in rows])
        return hashlib.sha256(content.encode()).hexdigest()

    def _get_approval_summary(self):
        return self.env["ir.qweb"]._render("o2c_month_end.accrual_approval_summary", {
            "run": self,
            "largest": self.line_ids.filtered(lambda line: not line.is_left_out).sorted(
                lambda line: -abs(line.balance))[:10],
            "money": lambda amount: format_amount(self.env, amount, self.currency_id),
        })

    def _on_request_approved(self, request):
        super()._on_request_approved(request)
        for run in self:
            run._begin(request.requester_id, event="accrual_approved", message=self.env._(
                "%s was approved and books", run.display_name))

    def _on_request_rejected(self, request):
        super()._on_request_rejected(request)
        self._back_to_prepared("accrual_refused")

    def _on_request_returned(self, request):
        super()._on_request_returned(request)
        self._back_to_prepared("run_state")

    def _back_to_prepared(self, event):
        self._move_state("prepared", event=event, message=lambda run: self.env._(
            "%s is in preparation again", run.display_name))

    def _begin(self, starter, *, event, message, vals=None):
        """Let the background work, in the name of ``starter``."""
        self.ensure_one()
        self._move_state("running", event=event, message=message, evidence=self._get_totals(), vals={
            "starter_id": starter.id, "date_started": fields.Datetime.now(), **(vals or {})})
        left_out = self.line_ids.filtered(lambda line: line.is_left_out and line.state == "pending")
        for line in left_out:
            line._guarded_write({
                "state": "done", "message": self.env._("Left out: %s", line.left_out_reason)})
        if not self._count_pending():
            self._finish()
        else:
            self._trigger()

    # === CANCELLING === #

    def action_cancel(self, reason):
        """Take back what was booked: each entry is reversed on its own day, its reversal likewise.

        :param reason: why; it is registered
        :raise AccessError: unless the finance director of the company asks
        :raise UserError: while the run works, or when a lock date forbids it
        """
        self._check_director()
        reason = self._check_reason(reason)
        for run in self:
            run._cancel(reason)
        return True

    def _cancel(self, reason):
        if self.state not in ("done", "failed"):
            raise UserError(self.env._(
                "%s is not booked. What was not submitted goes back to draft.", self.display_name))
        run = self.sudo()
        booked = run.line_ids.filtered("move_id")
        if booked and (lock := self._get_lock()):
            raise UserError(lock)
        (run.line_ids - booked)._guarded_write({"state": "done"})
        booked._guarded_write({"state": "pending", "message": False})
        run._begin(
            self.env.user, event="accrual_cancelled", vals={"phase": "cancel", "cancel_reason": reason,
                                                            "date_finished": False},
            message=self.env._("%(run)s is being cancelled: %(reason)s", run=self.display_name,
                               reason=reason))
