from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

SLIP_OFFICER = "o2c_base.group_finance_officer"
SLIP_CASHIER = "account.group_account_invoice"
ON_THE_WAY = ("received", "countersigned")
BY_FINANCE = (SLIP_CASHIER, SLIP_OFFICER)


class ReceiptSlip(models.Model):
    """Money that a person took from a customer, until the bank has it.

    It counts for no order before it is banked: banking posts the payment and allocates it. Who takes
    money in sales needs the countersign of somebody in finance, and whoever took it, the money is due
    at the bank on the company's next working day.
    """

    _name = "o2c.receipt.slip"
    _inherit = ["o2c.transition.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Receipt slip"
    _order = "due_date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    _guarded_fields = "*"
    _transitions = {
        "received": ("countersigned", "banked", "void"),
        "countersigned": ("banked", "void"),
    }
    _transition_event = "slip_moved"

    # === FIELDS === #

    name = fields.Char(string="Number", required=True, readonly=True)
    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, index=True, ondelete="restrict", check_company=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    amount = fields.Monetary(readonly=True, aggregator=None)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    company_amount = fields.Monetary(
        string="Amount in company currency",
        currency_field="company_currency_id",
        readonly=True,
        help="At the rate of the day on which it was received.",
    )
    means = fields.Selection(
        [
            ("cash", "Cash"),
            ("cheque", "Cheque"),
            ("draft", "Bank draft"),
            ("card", "Card"),
            ("mobile", "Mobile payment"),
            ("other", "Other"),
        ],
        required=True,
        readonly=True,
        help="By which means the customer paid.",
    )
    note = fields.Char(readonly=True, help="Number of the cheque, who handed it over, ...")
    received_by_id = fields.Many2one(
        "res.users", string="Received by", required=True, readonly=True, index=True, ondelete="restrict")
    received_on = fields.Date(required=True, readonly=True)
    due_date = fields.Date(
        string="Due at the bank",
        required=True,
        readonly=True,
        index=True,
        help="The working day after the money was received, by the company's calendar.",
    )
    needs_countersign = fields.Boolean(
        readonly=True, help="Somebody outside finance received it: finance countersigns.")
    countersigned_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    countersigned_on = fields.Datetime(readonly=True)
    payment_id = fields.Many2one(
        "account.payment", readonly=True, index="btree_not_null", ondelete="restrict")
    banked_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    banked_on = fields.Date(readonly=True)
    reason = fields.Char(string="Reason of the cancellation", readonly=True)
    state = fields.Selection(
        [
            ("received", "In hand"),
            ("countersigned", "Countersigned"),
            ("banked", "Banked"),
            ("void", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="received",
        index=True,
        tracking=True,
    )
    days_late = fields.Integer(
        compute="_compute_days_late",
        search="_search_days_late",
        help="Days after the due day: until it was banked, or until today.",
    )

    _positive = models.Constraint("CHECK (amount > 0)", "A slip is about an amount above zero.")
    _on_the_way_idx = models.Index("(due_date) WHERE state IN ('received', 'countersigned')")

    # === COMPUTES === #

    @api.depends("due_date", "banked_on", "state", "company_id")
    def _compute_days_late(self):
        days = {company: company._o2c_today() for company in self.company_id}
        for slip in self:
            until = slip.banked_on if slip.state == "banked" else days.get(slip.company_id)
            late = (until - slip.due_date).days if until and slip.due_date else 0
            slip.days_late = 0 if slip.state == "void" else max(late, 0)

    @api.model
    def _search_days_late(self, operator, value):
        """Late slips (``> 0``) and the others; by more days than one it is not searched."""
        if operator not in (">", "<=") or value:
            return NotImplemented
        late = fields.Domain.OR(
            fields.Domain("company_id", "=", company.id)
            & fields.Domain("state", "in", ON_THE_WAY)
            & fields.Domain("due_date", "<", company._o2c_today())
            for company in self.env["res.company"].sudo().search([]))
        return late if operator == ">" else ~late

    # === ACTIONS === #

    def action_countersign(self):
        """Confirm that the money is there, as somebody in finance who didn't take it.

        :raise AccessError: for others
        """
        self._check_finance(SLIP_OFFICER)
        for slip in self:
            if not slip.needs_countersign:
                raise UserError(self.env._("%s was received by finance and needs no countersign.", slip.name))
        self._move_slip("countersigned", self.env._("The money was counted and countersigned."), {
            "countersigned_by_id": self.env.uid, "countersigned_on": fields.Datetime.now()})
        return True

    def action_bank(self):
        """Enter the payment: when it is posted, the money is banked and counts for the order."""
        self.ensure_one()
        self._check_bankable()
        return self.env["o2c.receipt.register"]._start(self.order_id.sudo(False), slip=self)

    def action_void(self):
        """Ask why the slip is cancelled."""
        self.ensure_one()
        self._check_finance(SLIP_OFFICER)
        return self.env["o2c.receipt.slip.void"].create({"slip_id": self.id})._open()

    def action_open_payment(self):
        """Open the payment with the rights of the user who asks."""
        self.ensure_one()
        self.check_access("read")
        return self.payment_id.sudo(False)._open_o2c_document()

    # === CHECKS === #

    def _check_finance(self, *groups):
        """Only finance, and nobody for money that went through the own hands.

        :raise AccessError: naming who may
        """
        self.check_access("read")
        user = self.env.user
        if not any(map(user.has_group, groups)):
            raise AccessError(self.env._("Finance countersigns and banks money that others received."))
        for slip in self.filtered("needs_countersign"):
            if user == slip.received_by_id:
                raise AccessError(self.env._(
                    "You received %s yourself. Somebody else in finance decides on it.", slip.name))

    def _check_bankable(self):
        """Countersigned where that is needed, and by whom it may be banked."""
        self._check_finance(SLIP_CASHIER)
        for slip in self:
            if slip.state not in ON_THE_WAY:
                raise UserError(self.env._("%s is not in hand any more.", slip.name))
            if slip.needs_countersign and slip.state == "received":
                raise UserError(self.env._(
                    "%(slip)s was received by %(user)s: a finance officer countersigns before it is banked.",
                    slip=slip.name, user=slip.received_by_id.name))

    # === BUSINESS METHODS === #

    @api.model
    def _take(self, order, amount, *, means, currency=None, received_on=None, receiver=None, note=None):
        """Write down that a person took money for an order. Callers have checked who asks.

        :return: the slip, with superuser rights
        """
        company, receiver = order.company_id, receiver or self.env.user
        day = received_on or company._o2c_today()
        currency = currency or order.currency_id
        if currency.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("Enter the amount that was received."))
        if day > company._o2c_today():
            raise UserError(self.env._("Money can't be received in the future."))
        slip = self.sudo()._guarded_create([{
            "name": self.env["ir.sequence"].sudo().with_company(company).next_by_code("o2c.receipt.slip"),
            "order_id": order.id,
            "partner_id": order.sudo().partner_invoice_id.commercial_partner_id.id,
            "company_id": company.id,
            "currency_id": currency.id,
            "amount": currency.round(amount),
            "company_amount": currency._convert(amount, company.currency_id, company, day),
            "means": means,
            "note": note,
            "received_by_id": receiver.id,
            "received_on": day,
            "due_date": self._get_next_working_day(company, day),
            "needs_countersign": self._is_countersign_needed(order, receiver),
            "state": "received",
        }])
        slip._log_taken()
        return slip

    @api.model
    def _is_countersign_needed(self, order, receiver):
        """Whether somebody else has to confirm the money: who sells needs it, whatever else he may do."""
        sellers = order.sudo().user_id | order.sudo().partner_invoice_id.commercial_partner_id.user_id
        sells = receiver in sellers or receiver.has_group("sales_team.group_sale_salesman")
        return sells or not any(map(receiver.has_group, BY_FINANCE))

    def _bank(self, payment):
        """The payment is posted: the money is banked."""
        self._check_bankable()
        self._move_slip("banked", self.env._("Banked as %s.", payment.display_name), {
            "payment_id": payment.id, "banked_by_id": self.env.uid, "banked_on": payment.date})

    def _void(self, reason):
        """Cancel slips of money that never was there or was handed back."""
        self._check_finance(SLIP_OFFICER)
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the slip is cancelled."))
        self._move_slip("void", reason, {"reason": reason})

    def _move_slip(self, state, message, values):
        slips = self.sudo()
        slips._move_state(state, message=message, vals=values)
        done = slips.activity_ids.filtered(
            lambda activity: activity.activity_type_id in slips._get_slip_activity_types()[
                :1 if state == "countersigned" else 2])
        done.action_feedback(feedback=message)

    def _log_taken(self):
        self.env["o2c.register"]._log_many([
            {**slip._prepare_register_vals(), "record": slip, "event": "slip_taken",
             "message": self.env._(
                 "%(user)s received money for order %(order)s.",
                 user=slip.received_by_id.name, order=slip.order_id.name),
             "evidence": {
                 "means": slip.means, "due_at_the_bank": str(slip.due_date), "note": slip.note or ""}}
            for slip in self
        ])
        for slip in self.filtered("needs_countersign"):
            for officer in slip._get_countersigners():
                slip.activity_schedule(
                    "o2c_receipt.activity_type_countersign", date_deadline=slip.due_date, user_id=officer.id)

    @api.model
    def _get_next_working_day(self, company, day):
        """The first working day after ``day``; without a calendar, Monday to Friday."""
        calendar = company.sudo().resource_calendar_id
        following = day + timedelta(days=1)
        if calendar:
            start = company._o2c_get_tz().localize(datetime.combine(following, time.min))
            found = calendar.plan_days(1, start, compute_leaves=True)
            if found:
                return found.date()
        while following.weekday() > 4:
            following += timedelta(days=1)
        return following

    def _get_countersigners(self):
        """Finance officers of the company other than who received the money."""
        officers = self.env.ref(SLIP_OFFICER).sudo().all_user_ids
        return officers.filtered(
            lambda user: user.active and not user.share and user != self.received_by_id
            and self.company_id in user.company_ids)

    def _get_slip_activity_types(self):
        return (self.env.ref("o2c_receipt.activity_type_countersign")
                | self.env.ref("o2c_receipt.activity_type_bank")).sorted("sequence")

    def _prepare_register_vals(self):
        return {"partner": self.partner_id, "amount": self.amount, "currency": self.currency_id,
                "company": self.company_id}

    def _guard_get_hint(self):
        return self.env._("Use Money received on the order, then Countersign and Bank on the slip.")

    # === JOBS AND OVERVIEW === #

    @api.model
    def _cron_remind_late(self):
        """Tell who holds money that should be at the bank, and who sees to it, once per slip."""
        kind = self.env.ref("o2c_receipt.activity_type_bank")
        for slip in self.sudo().search([("days_late", ">", 0)]):
            told = slip.activity_ids.filtered(lambda item: item.activity_type_id == kind).user_id
            for user in (slip.received_by_id | slip._get_countersigners()) - told:
                slip.activity_schedule(
                    "o2c_receipt.activity_type_bank", user_id=user.id,
                    date_deadline=slip.company_id._o2c_today(),
                    note=self.env._(
                        "It was received on %(day)s by %(user)s and was due at the bank on %(due)s.",
                        day=slip.received_on, user=slip.received_by_id.name, due=slip.due_date))

    @api.model
    def _get_overview_data(self, code):
        """Slips on their way; red when one is late."""
        count = self.search_count([("state", "in", ON_THE_WAY)])
        late = self.search_count([("days_late", ">", 0)])
        return {
            "count": count,
            "caption": self.env._("%s late", late) if late else False,
            "tone": "danger" if late else "info" if count else "muted",
        }
