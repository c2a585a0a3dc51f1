from contextlib import nullcontext

from odoo import api, fields, models
from odoo.tools import format_amount

from ..rules.verdict import Verdict
from .passes import has_passed, passing, refuse, undoing

GATED_TYPES = ("out_invoice", "out_receipt")
# A write to one of these can make a posted customer invoice of something that was none.
TURNING = frozenset(("state", "move_type", "journal_id"))


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "o2c.checkpoint.mixin"]

    _o2c_checkpoint = "invoice"
    _o2c_banner_depends = ("state", "amount_total", "partner_id", "move_type", "journal_id")

    o2c_hold_ids = fields.One2many(inverse_name="move_id")

    # === HOOKS FOR CONTROLS === #

    def _get_invoice_verdicts(self, facts):
        """Verdicts about posting this customer invoice (`_is_downpayment` tells down payments).

        Hook: extend the list.
        :param facts: dict of the debtor's facts, see `o2c.facts`
        """
        return self._get_o2c_unordered_verdicts()

    # === CHECKPOINT === #

    def _is_o2c_gated(self):
        """Customer invoices and sales receipts. Credit notes give money back, and entries are the
        accountants' own: both pass. Modules whose invoices pass by their nature extend this, or wrap
        their process into `passes.exempt`, as the till of a shop does."""
        return super()._is_o2c_gated() and self.move_type in GATED_TYPES

    def _get_o2c_name(self):
        """Drafts have no number yet, and there are many of them."""
        self.ensure_one()
        if self.name and self.name != "/":
            return self.env._("Invoice %s", self.name)
        return self.env._("Draft invoice %s", self.invoice_origin or f"ID {self.id}")

    def _get_o2c_debtor(self):
        return self.commercial_partner_id

    def _get_o2c_order(self):
        """The order of the invoice, when it is one."""
        orders = self.line_ids.sale_line_ids.order_id
        return orders if len(orders) == 1 else self.env["sale.order"]

    def _get_o2c_salesperson(self):
        return self.invoice_user_id

    def _get_o2c_team(self):
        return self.team_id

    def _get_o2c_amount(self):
        """Total with taxes, in company currency at the invoice's rate."""
        self.ensure_one()
        return abs(self.amount_total_signed)

    def _get_o2c_fingerprint(self):
        return (
            self.commercial_partner_id.id,
            self.company_id.id,
            self.move_type,
            self.journal_id.id,
            self.amount_total,
        )

    def _get_o2c_verdicts(self, facts, checkpoint):
        return self._get_invoice_verdicts(facts)

    def _is_o2c_before_step(self, checkpoint=None):
        return self.state == "draft" and self._is_o2c_gated()

    def _format_o2c_stop(self, reasons, *, forbidden=False):
        name = self._get_o2c_name()
        if forbidden:
            return self.env._("%(name)s can't be posted: %(reasons)s", name=name, reasons=reasons)
        return self.env._("%(name)s is on hold: %(reasons)s", name=name, reasons=reasons)

    # === BUTTONS === #

    def action_post(self):
        """Post the invoices that the controls let pass; hold the others and say which and why."""
        waiting = self.filtered(lambda move: move.state == "draft")
        result = super().action_post()
        held = waiting._get_o2c_held()
        return self._notify_o2c_held(held, len(self), result) if held else result

    def _post(self, soft=True):
        """Post what may be posted. Whatever calls this (buttons, jobs, payments) never fails for a hold."""
        today = fields.Date.context_today(self)
        due = self.filtered(
            lambda move: move.state == "draft" and not (soft and (move.date or today) > today)
        )
        stopped = due._stop_o2c()
        free = self._without_decisions(stopped)
        if stopped and not free:
            return free
        with passing(due & free):
            return super(AccountMove, free)._post(soft)

    def _get_o2c_held(self):
        """Decisions about those of self that wait for a release now, from their holds."""
        waiting = self.filtered(lambda move: move.state == "draft" and move.o2c_is_on_hold)
        return [decision for decision in waiting._decide_o2c() if decision.stopping] if waiting else []

    # === SINKS === #

    def write(self, vals):
        if TURNING.isdisjoint(vals):
            return super().write(vals)
        turning = self._get_o2c_turning(vals)
        with undoing(self.env) if turning else nullcontext():
            result = super().write(vals)
            turning._check_o2c_step()
        if "state" in vals:
            # Receipts, credit notes and cancelled invoices free somebody; new invoices never do.
            self.filtered(
                lambda move: not (move._is_o2c_gated() and move.state == "posted")
            )._free_o2c_debtors()
        return result

    def _get_o2c_turning(self, vals):
        """Moves that the write would make posted customer invoices, and that no button has judged."""
        state, move_type = vals.get("state"), vals.get("move_type")
        return self.filtered(
            lambda move: (
                (state or move.state) == "posted"
                and (move_type or move.move_type) in GATED_TYPES
                and not (move.state == "posted" and move.move_type in GATED_TYPES)
                and not has_passed(move)
            )
        )

    def _free_o2c_debtors(self):
        lines = self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        self.env["o2c.hold"]._recheck_partner(lines.partner_id)

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        if any(move.state == "posted" and move._is_o2c_gated() for move in moves):
            # Odoo refuses the state in the values; a default may bring it all the same.
            message = self.env._("An invoice can't be created posted. Create a draft and post it.")
            entry = {
                "record": self,
                "event": "step_refused",
                "message": message,
                "partner": moves[:1].partner_id,
            }
            refuse(self.env, message, [entry])
        return moves

    # === READERS === #

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """Readers may write to the customer; the link in that mail needs the key that they don't get."""
        moves = self.sudo() if self._is_o2c_reader() else self
        return super(AccountMove, moves)._notify_get_recipients_groups(
            message, model_description, msg_vals=msg_vals
        )

    # === BUILT-IN CONTROL === #

    def _get_o2c_unordered_verdicts(self):
        """`invoice_without_order`: a customer is invoiced for what no order says."""
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.sale_line_ids and line.balance
        )
        beside = self._get_o2c_beside_lines()
        if not lines and not beside:
            return []
        evidence = {
            self.env._("Lines without order"): len(lines),
            self.env._("Net amount without order"): round(abs(sum(lines.mapped("balance"))), 2),
        }
        message = self.env._("%(count)s of its lines belong to no order.", count=len(lines))
        if beside:
            amount = format_amount(self.env, beside, self.currency_id)
            evidence[self.env._("Amount beside its lines")] = amount
            message = self.env._("it asks for %s more than its lines say.", amount)
        return [Verdict("invoice_without_order", "hold", message, evidence)]

    def _get_o2c_beside_lines(self):
        """What the invoice asks for beyond its product lines and their taxes; invoice currency, mostly 0.0.

        Amounts can stand in journal items of another kind, or in taxes and totals that were written by hand,
        while what an invoice is about is judged by its product lines. Cents by which taxes are rounded belong
        to the lines, and a cash rounding that the invoice names, up to one percent of them.
        """
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        asked = max(self.amount_total, self._get_o2c_owed())
        said = sum(lines.mapped("price_total"))
        slack = self.currency_id.rounding * (1 + 2 * len(lines))
        slack += min(self.invoice_cash_rounding_id.rounding, abs(said) / 100)
        return asked - said if asked - said > slack else 0.0

    def _get_o2c_owed(self):
        """Receivable of the invoice in its currency, as its journal items have it."""
        owed = self.line_ids.filtered(lambda line: line.display_type == "payment_term")
        return sum(owed.mapped("amount_currency"))
