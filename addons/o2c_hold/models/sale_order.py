from contextlib import contextmanager
from typing import NamedTuple

from odoo import api, fields, models
from odoo.addons.o2c_base.models.computed import check_computed
from odoo.exceptions import UserError

from ..rules.judgement import is_worse
from .decision import is_above
from .hold import BLOCKING
from .passes import busy, has_passed, is_busy, passing, refuse, undoing

# What an order is worth, to whom and on which terms.
DECISIVE = frozenset(
    (
        "partner_id",
        "partner_invoice_id",
        "company_id",
        "currency_id",
        "pricelist_id",
        "fiscal_position_id",
        "payment_term_id",
        "date_order",
        "order_line",
    )
)
# Odoo computes these from the lines and never again until a line changes: a value that somebody
# writes would stay, and the controls would judge by it.
COMPUTED = frozenset(("amount_untaxed", "amount_tax", "amount_total", "currency_rate"))


class Snapshot(NamedTuple):
    """A confirmed order before somebody changes it."""

    amount: float
    overdelivered: float
    debtor: models.BaseModel
    company: models.BaseModel
    fingerprint: tuple
    judgements: dict


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "o2c.checkpoint.mixin"]

    _o2c_checkpoint = "order"
    _o2c_banner_depends = (
        "state", "amount_total", "partner_invoice_id", "currency_id", "company_id", "payment_term_id",
    )

    o2c_hold_ids = fields.One2many(inverse_name="order_id")

    # === HOOKS FOR CONTROLS === #

    def _get_order_verdicts(self, facts):
        """Verdicts about confirming (or having changed) this order.

        Hook: extend the list. The order may be confirmed already: then the facts include it.
        :param facts: dict of the debtor's facts, see `o2c.facts`
        """
        return []

    def _get_invoicing_verdicts(self, facts):
        """Verdicts about making invoices of this order; the invoices are judged again when posted."""
        return []

    # === CHECKPOINT === #

    def _get_o2c_debtor(self):
        return self.partner_invoice_id.commercial_partner_id

    def _get_o2c_order(self):
        return self

    def _get_o2c_amount(self):
        """Total with taxes in company currency: at the order's rate, for a quotation at today's."""
        self.ensure_one()
        company_currency = self.company_id.currency_id
        if not self.currency_id or self.currency_id == company_currency:
            return self.amount_total
        if self.state == "sale":
            return company_currency.round(self.amount_total / (self.currency_rate or 1.0))
        today = self.company_id._o2c_today()
        return self.currency_id._convert(self.amount_total, company_currency, self.company_id, today)

    def _get_o2c_fingerprint(self):
        return (
            self.partner_id.id,
            self.partner_invoice_id.id,
            self.company_id.id,
            self.currency_id.id,
            self.pricelist_id.id,
            self.payment_term_id.id,
            self.amount_untaxed,
            self.amount_total,
            *(
                (
                    line.id,
                    line.product_id.id,
                    line.product_uom_qty,
                    line.product_uom_id.id,
                    line.price_unit,
                    line.discount,
                )
                for line in self.order_line
            ),
            self._get_o2c_overdelivered(),
        )

    def _get_o2c_overdelivered(self):
        """What was delivered beyond what was ordered, as a sum of quantities that only serves to compare."""
        return sum(max(0.0, line.qty_delivered - line.product_uom_qty) for line in self.order_line)

    def _get_o2c_verdicts(self, facts, checkpoint):
        if checkpoint == "invoice":
            return self._get_invoicing_verdicts(facts)
        return self._get_order_verdicts(facts)

    def _is_o2c_before_step(self, checkpoint=None):
        if checkpoint == "invoice":
            return self.state == "sale" and self.invoice_status != "invoiced"
        return self.state in ("draft", "sent")

    def _is_o2c_self_resuming(self, checkpoint):
        return checkpoint == "order"

    def _take_o2c_step(self, *, from_outside):
        if from_outside:
            self._validate_order()
        else:
            self.action_confirm()

    def _format_o2c_stop(self, reasons, *, forbidden=False):
        if forbidden:
            return self.env._(
                "Order %(name)s can't be confirmed: %(reasons)s", name=self.name, reasons=reasons
            )
        return self.env._("Order %(name)s is on hold: %(reasons)s", name=self.name, reasons=reasons)

    def _is_o2c_waiting(self):
        """Whether somebody asked for the order, and it waits. The portal shows a neutral sentence then."""
        self.ensure_one()
        return self.state in ("draft", "sent") and any(
            hold.confirm_requested and hold.state in BLOCKING and hold.checkpoint == "order"
            for hold in self.sudo().o2c_hold_ids
        )

    def _is_o2c_with_customer(self):
        """Whether the next step is the customer's own, so that he is not told to wait for us."""
        return self._has_to_be_signed()

    # === BUTTONS === #

    def action_confirm(self):
        """Confirm the orders that the controls let pass; hold the others and say which and why."""
        for order in self:
            if error := order._confirmation_error_message():
                raise UserError(error)
        held, result = [], True
        for orders in self._get_o2c_rounds():
            stopped = orders._stop_o2c()
            held += stopped
            free = orders._without_decisions(stopped)
            if free:
                with passing(free):
                    result = super(SaleOrder, free).action_confirm()
        return self._notify_o2c_held(held, len(self)) if held else result

    def _get_o2c_rounds(self):
        """Orders in groups such that no two of a group touch the same limit.

        Each order must be judged on figures that include those confirmed before it. Orders of different
        customers don't meet, so they go together; those of one customer or corporate group follow each other.
        """
        if len(self) < 2:
            return [self]
        rounds, turns = [], {}
        for order in self:
            debtor = order.sudo()._get_o2c_debtor()
            key = debtor.o2c_corporate_group_id or debtor
            turn = turns[key] = turns.get(key, -1) + 1
            if turn == len(rounds):
                rounds.append(self.browse())
            rounds[turn] += order
        return rounds

    # === SINKS === #

    @api.model_create_multi
    def create(self, vals_list):
        """An order may come into being confirmed; then it passes the controls like any other."""
        likely = self.env.context.get("default_state") == "sale" or any(
            v.get("state") == "sale" for v in vals_list
        )
        if not likely:
            orders = super().create(vals_list)
            orders.filtered(lambda order: order.state == "sale")._check_o2c_step()
            return orders
        with undoing(self.env):
            orders = super().create(vals_list)
            orders.filtered(lambda order: order.state == "sale")._check_o2c_step()
        return orders

    def write(self, vals):
        check_computed(self, vals, COMPUTED, event="step_refused", even_superuser=True)
        self._check_o2c_unconfirming(vals)
        with self._gate_o2c_write(vals):
            result = super().write(vals)
        if vals.get("state") in ("cancel", "draft"):
            self._free_o2c()
        return result

    def _check_o2c_unconfirming(self, vals):
        """A confirmed order becomes a quotation by its cancellation only, which takes its deliveries along.

        :raise StepRefused: for a state that is written instead; the attempt is registered
        """
        if vals.get("state") not in ("draft", "sent") or self.env.su:
            return
        confirmed = self.sudo().filtered(lambda order: order.state == "sale")
        if confirmed:
            message = self.env._(
                "Order %s is confirmed. Cancel it before you make it a quotation again.", confirmed[0].name)
            entry = {
                "record": confirmed[0], "event": "step_refused", "message": message,
                "partner": confirmed[0]._get_o2c_debtor(),
            }
            refuse(self.env, message, [entry])

    @contextmanager
    def _gate_o2c_write(self, vals):
        """Judge what a write does to orders: confirm them, or change confirmed ones."""
        confirming = changing = self.browse()
        if vals.get("state") == "sale":
            # A pass was given for the order as it is, with the date of today and nothing else.
            is_plain = self._get_o2c_decisive_fields() & vals.keys() <= {"date_order"}
            confirming = self.filtered(lambda o: o.state != "sale" and not (is_plain and has_passed(o)))
        if not self._get_o2c_decisive_fields().isdisjoint(vals):
            changing = self._get_o2c_changeable()
        if not confirming and not changing:
            yield
            return
        before = changing._get_o2c_snapshot()
        with busy(confirming | changing), undoing(self.env):
            yield
            changing._check_o2c_change(before)
            confirming._check_o2c_step()

    @api.model
    def _get_o2c_decisive_fields(self):
        """Names of fields whose value may matter to a control. Hook: a control that reads more adds it."""
        return DECISIVE

    @contextmanager
    def _gate_o2c_change(self, get_text=None):
        """Judge a change of what belongs to confirmed orders: undone and refused when it breaks a rule.

        :param get_text: function of a decision, where the refusal knows another way than a change of lines
        """
        orders = self._get_o2c_changeable()
        if not orders:
            yield
            return
        before = orders._get_o2c_snapshot()
        with busy(orders), undoing(self.env):
            yield
            orders._check_o2c_change(before, get_text)

    def _get_o2c_changeable(self):
        """Confirmed orders at which no outer sink is looking already."""
        control = self.env["o2c.control"]
        return self.filtered(
            lambda order: (
                order.state == "sale"
                and not is_busy(order)
                and control._is_checkpoint_active("order", order.company_id)
            )
        )

    def _get_o2c_snapshot(self):
        """What orders were like before a change, by id."""
        orders = self._as_o2c_judge()
        judged = orders._judge_o2c("order") if orders else {}
        return {
            order.id: Snapshot(
                order._get_o2c_amount(),
                order._get_o2c_overdelivered(),
                order._get_o2c_debtor(),
                order.company_id,
                order._get_o2c_fingerprint(),
                {judgement.code: judgement for judgement in judged[order.id]},
            )
            for order in orders
        }

    def _check_o2c_change(self, before, get_text=None):
        """Refuse changes that break a rule. What makes nothing worse is always allowed: an order must be
        reducible while its customer is over the limit."""
        changed = self.filtered(
            lambda order: order.sudo()._get_o2c_fingerprint() != before[order.id].fingerprint
        )
        if not changed:
            return
        decisions = changed._decide_o2c("order")
        for decision in decisions:
            decision.stopping = decision.document._get_o2c_worsened(decision, before[decision.document.id])
        self._refuse_o2c(
            [decision for decision in decisions if decision.stopping], get_text or self._get_o2c_change_text
        )
        self.env["o2c.hold"]._store_decisions(decisions, asked=False)
        self._lock_o2c_keys(decisions)
        self.env["o2c.hold"]._recheck_partner(changed.sudo().mapped(lambda order: before[order.id].debtor))

    @api.model
    def _get_o2c_change_text(self, decision):
        """Why a confirmed order was not changed, and where the change can be asked for."""
        text = decision.document._get_o2c_stop_text(decision)
        if decision.is_forbidden:
            return text
        return self.env._("%s Press Request a change on the order to have it decided.", text)

    def _get_o2c_worsened(self, decision, before):
        """What stops the order as it is now and did not, or less so, before."""
        currency = self.company_id.currency_id
        is_other = (before.debtor, before.company) != (self._get_o2c_debtor(), self.company_id)
        is_more = is_above(self._get_o2c_amount(), before.amount, currency)
        if is_other or is_more or self._get_o2c_overdelivered() > before.overdelivered:
            return decision.stopping
        return [j for j in decision.stopping if is_worse(j, before.judgements.get(j.code), currency.rounding)]

    def _free_o2c(self):
        """A cancelled or reopened order waits for nothing, and gives back what it took of limits."""
        self.sudo().o2c_hold_ids.filtered(lambda hold: hold.res_model == self._name)._finish()
        self.env["o2c.hold"]._recheck_partner(self.sudo().mapped(lambda order: order._get_o2c_debtor()))

    # === INVOICING === #

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Leave out orders that must not be invoiced yet: their hold says why."""
        stopped = self.filtered(lambda order: order.state == "sale")._stop_o2c("invoice")
        free = self._without_decisions(stopped)
        if stopped and not free:
            return self.env["account.move"]
        return super(SaleOrder, free)._create_invoices(grouped=grouped, final=final, date=date)
