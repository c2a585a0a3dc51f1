from odoo import api, fields, models
from odoo.exceptions import AccessError

# What an entry of the month end says; numbers, attachments and messages are free.
KEPT = frozenset((
    "auto_post", "company_id", "currency_id", "date", "journal_id", "line_ids", "move_type", "partner_id",
    "state",
))  # fmt: skip


class AccountMove(models.Model):
    """Entries of a month-end run: booked and taken back by the run only."""

    _inherit = "account.move"

    o2c_accrual_order_id = fields.Many2one(
        "o2c.accrual.order",
        string="Order at month end",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    o2c_accrual_run_id = fields.Many2one(related="o2c_accrual_order_id.run_id", string="Month-end run")

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: an entry names its month-end run only if that run has booked it"""
        moves = super().create(vals_list)
        # Looked at afterwards: it may come from a default, too.
        if moves.filtered("o2c_accrual_order_id"):
            self._refuse_o2c_accrual()
        return moves

    def write(self, vals):
        """:raise AccessError: for what a month-end run has booked"""
        if "o2c_accrual_order_id" in vals:
            self._refuse_o2c_accrual()
        if not KEPT.isdisjoint(vals):
            # What waits for its day is posted by Odoo; nothing else happens to it.
            if touched := self.filtered("o2c_accrual_order_id"):
                posted = vals.get("state") == "posted" and set(vals) & KEPT <= {"state", "auto_post"}
                if not posted or any(move.state != "draft" for move in touched):
                    touched._refuse_o2c_accrual()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_o2c_accrual(self):
        if touched := self.filtered("o2c_accrual_order_id"):
            touched._refuse_o2c_accrual()

    # === ACTIONS === #

    def action_open_o2c_accrual(self):
        """Open the order at month end from which the entry comes."""
        self.ensure_one()
        self.check_access("read")
        line = self.o2c_accrual_order_id
        line.check_access("read")
        return line.get_formview_action()

    # === BUSINESS METHODS === #

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """:raise AccessError: an entry of a run is reversed once, by the run"""
        if touched := self.filtered("o2c_accrual_order_id"):
            touched._refuse_o2c_accrual()
        return super()._reverse_moves(default_values_list, cancel)

    # === HELPERS === #

    def _reverse_o2c_accrual(self, default_values_list):
        """The run's own hand: past the check of :meth:`_reverse_moves`."""
        return super()._reverse_moves(default_values_list)  # pylint: disable=super-method-mismatch

    def _link_o2c_accrual(self, line):
        """The run's own hand: past the check of :meth:`write`, and nothing but the link."""
        return super().write({"o2c_accrual_order_id": line.id})  # pylint: disable=super-method-mismatch

    def _refuse_o2c_accrual(self):
        message = self.env._(
            "Entries of a month-end run are booked and taken back by the run. The finance director cancels "
            "it with a reason.")
        self.env["o2c.register"]._log_refusal(self[:1], "guard_refused", message)
        raise AccessError(message)
