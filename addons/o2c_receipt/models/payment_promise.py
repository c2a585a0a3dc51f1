from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount, format_date

# Who speaks with customers about money of any order; salespeople do it for their own.
PROMISE_FINANCE = (
    "o2c_base.group_collector", "o2c_base.group_finance_officer", "account.group_account_invoice")
PROMISE_SALES = "sales_team.group_sale_salesman"
PROMISE_ALL_SALES = "sales_team.group_sale_salesman_all_leads"
PROMISE_READERS = ",".join((
    PROMISE_SALES, "account.group_account_readonly", "account.group_account_invoice",
    "o2c_base.group_o2c_user"))
STATES = [
    ("open", "Awaited"),
    ("kept", "Kept"),
    ("broken", "Broken"),
    ("replaced", "Replaced"),
    ("withdrawn", "Withdrawn"),
]
MEANS = [
    ("transfer", "Bank transfer"),
    ("cheque", "Cheque"),
    ("draft", "Bank draft"),
    ("cash", "Cash"),
    ("card", "Card"),
    ("online", "Online payment"),
    ("other", "Other"),
]


class PaymentPromise(models.Model):
    """What a customer promised to pay for an order until a day.

    It is kept when the order has collected that much more than when it was recorded, by money that came
    in until the promised day, and broken when that day is over without. Promises of an order are served
    one after the other by their day, and one that was broken goes before those that follow, unless a
    later promise took its place: so no money keeps two promises.

    Amount and day are never edited. Who hears another day records a new promise in place of the old one,
    which stays in the history.
    """

    _name = "o2c.payment.promise"
    _inherit = ["o2c.transition.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Promise of payment"
    _order = "date_promised desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    _guarded_fields = "*"
    _transitions = {
        "open": ("kept", "broken", "replaced", "withdrawn"),
        # Money that had come in by the promised day and was entered after it.
        "broken": ("kept",),
    }
    _transition_event = "promise_moved"

    # === FIELDS === #

    name = fields.Char(string="Number", required=True, readonly=True)
    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, index=True, ondelete="restrict", check_company=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict")
    user_id = fields.Many2one(
        related="order_id.user_id", string="Salesperson", store=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    amount = fields.Monetary(
        readonly=True, aggregator=None, help="What was promised, in the currency of the order.")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    company_amount = fields.Monetary(
        string="Amount in company currency",
        currency_field="company_currency_id",
        readonly=True,
        help="At the rate of the order.",
    )
    date_promised = fields.Date(
        string="Promised day",
        required=True,
        readonly=True,
        index=True,
        help="The last day on which the money comes in, by the company's clock.",
    )
    promised_by = fields.Char(readonly=True, help="Who at the customer promised it.")
    means = fields.Selection(MEANS, required=True, readonly=True, help="By which means it will be paid.")
    note = fields.Char(readonly=True, help="How it was said: on the phone, in which mail, ...")
    recorded_by_id = fields.Many2one(
        "res.users", string="Recorded by", required=True, readonly=True, index=True, ondelete="restrict")
    recorded_on = fields.Datetime(required=True, readonly=True)
    base = fields.Monetary(
        string="Collected when recorded",
        readonly=True,
        aggregator=None,
        help="What the order had collected when the promise was recorded.",
    )
    base_later = fields.Monetary(
        string="Of it dated after the promised day",
        readonly=True,
        aggregator=None,
        help="Receipts of later days that were there when the promise was recorded keep no promise and break"
        " none.",
    )
    state = fields.Selection(
        STATES, string="Judged as", required=True, readonly=True, default="open", index=True, tracking=True,
        help="As of the last look of the daily job; the status says it as of now.")
    closed_level = fields.Monetary(string="Level when decided", readonly=True, aggregator=None)
    closed_on = fields.Date(string="Decided on", readonly=True)
    paid_on = fields.Date(
        readonly=True, help="Day of the receipt with which the promised amount was complete.")
    replaced_by_id = fields.Many2one(
        "o2c.payment.promise", readonly=True, index="btree_not_null", ondelete="restrict")
    replaces_ids = fields.One2many("o2c.payment.promise", "replaced_by_id", string="In place of")
    put_off = fields.Integer(
        string="Times put off",
        readonly=True,
        aggregator="max",
        help="How many promises about this money came before it.",
    )
    reason = fields.Char(string="Reason of the withdrawal", readonly=True)
    status = fields.Selection(STATES, compute="_compute_measured", search="_search_status")
    level = fields.Monetary(
        string="Collected when kept",
        compute="_compute_measured",
        help="What the order has collected once this and all earlier promises are kept.",
    )
    received = fields.Monetary(compute="_compute_measured", help="What of the promised amount came in.")
    missing = fields.Monetary(compute="_compute_measured", help="What of it still has to come in.")
    days_late = fields.Integer(
        compute="_compute_measured",
        help="Days after the promised day: until it was paid, or until today.",
    )

    _positive = models.Constraint("CHECK (amount > 0)", "A promise is about an amount above zero.")
    _unsettled_idx = models.Index(
        "(order_id) WHERE state = 'open' OR (state = 'broken' AND paid_on IS NULL)")
    _partner_idx = models.Index("(partner_id, date_promised)")

    # === COMPUTES === #

    @api.depends("name", "partner_id", "amount")
    def _compute_display_name(self):
        """What a calendar has room for: who, how much, then the number."""
        for promise in self:
            promise.display_name = self.env._(
                "%(customer)s: %(amount)s (%(number)s)",
                customer=promise.partner_id.name, number=promise.name,
                amount=format_amount(self.env, promise.amount, promise.currency_id))

    @api.depends("state", "paid_on", "replaced_by_id")
    def _compute_measured(self):
        """What the order collected decides; measured, never stored."""
        measured = self._measure()
        for promise in self:
            found = measured.get(promise._origin.id)
            promise.status = found.status if found else promise.state
            promise.level = found.level if found else promise.closed_level
            promise.received = found.received if found else 0.0
            is_waiting = promise.status in ("open", "broken")
            promise.missing = promise.amount - promise.received if is_waiting else 0.0
            promise.days_late = promise._get_days_late(found.paid_on if found else promise.paid_on)

    def _get_days_late(self, paid_on):
        if self.status != "broken":
            return 0
        until = paid_on or self.company_id._o2c_today()
        return max((until - self.date_promised).days, 0)

    # === ACTIONS === #

    def action_replace(self):
        """Record another promise in place of this one.

        :raise AccessError: for users who may not record promises of the order
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["o2c.payment.promise.record"]._start(self.order_id.sudo(False), replaces=self)

    def action_withdraw(self):
        """Ask why the promise is withdrawn.

        :raise AccessError: for users outside finance and collection
        """
        self.ensure_one()
        self._check_withdrawer()
        return self.env["o2c.payment.promise.withdraw"].create({"promise_id": self.id})._open()

    def action_open_order(self):
        """Open the order."""
        self.ensure_one()
        self.check_access("read")
        return self.order_id.sudo(False).get_formview_action()

    # === CHECKS === #

    @api.model
    def _check_recorder(self, order):
        """Salespeople for their orders, collectors, finance officers and accounting.

        :raise AccessError: for others, and for orders that the user may not read
        """
        order.check_access("read")
        user = self.env.user
        if any(map(user.has_group, (*PROMISE_FINANCE, PROMISE_ALL_SALES))):
            return
        if user.has_group(PROMISE_SALES) and order.sudo().user_id in (user, user.browse()):
            return
        raise AccessError(self.env._(
            "Salespeople record what customers promise for their own orders; collectors, finance officers"
            " and accounting for all."))

    def _check_withdrawer(self):
        """Who sells may put a promise off, but not make it go away."""
        self.check_access("read")
        if not any(map(self.env.user.has_group, PROMISE_FINANCE)):
            raise AccessError(self.env._(
                "Collectors, finance officers and accounting withdraw promises. Record a new promise in its"
                " place."))

    def _check_recordable(self, order, amount, day, replaces):
        """The order is confirmed, the day to come, and the amount one that is still to be paid."""
        currency, today = order.currency_id, order.company_id._o2c_today()
        if order.state != "sale":
            raise UserError(self.env._("Order %s is not confirmed: nothing is owed yet.", order.name))
        if currency.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("Enter the amount that was promised."))
        if not day or day < today:
            raise UserError(self.env._("Enter the promised day: today or a later one."))
        strange = replaces.filtered(
            lambda old: old.order_id != order or old.state not in ("open", "broken") or old.replaced_by_id)
        if strange:
            raise UserError(self.env._("%s can't be replaced.", strange[0].name))
        rest = self._get_unpromised(order, replaces)
        if currency.compare_amounts(amount, rest) > 0:
            raise UserError(self.env._(
                "%(rest)s of order %(order)s are neither collected nor promised. A promise over %(amount)s"
                " is too much: replace the one that it is about.",
                rest=format_amount(self.env, max(rest, 0.0), currency), order=order.name,
                amount=format_amount(self.env, amount, currency)))

    @api.model
    def _get_unpromised(self, order, replaces):
        """Order currency: what is neither collected nor missing of other promises that are awaited."""
        awaited = self._get_awaited(order) - replaces
        measured = awaited._measure()
        missing = sum(one.amount - measured[one.id].received for one in awaited)
        collected = order._get_o2c_collected()[order.id]
        return order.currency_id.round(order.amount_total - collected - missing)

    @api.model
    def _get_awaited(self, order):
        """Promises whose money is still to come: open ones, and broken ones in whose place is no other."""
        return order.o2c_promise_ids.filtered(
            lambda one: one.state in ("open", "broken") and not one.paid_on and not one.replaced_by_id)

    def _is_awaited_late(self):
        """Broken, not paid since, and no other promise took its place."""
        return self.status == "broken" and not self.replaced_by_id and bool(self.missing)

    # === BUSINESS METHODS === #

    @api.model
    def _record(self, order, amount, *, day, means, promised_by=None, note=None, replaces=None):
        """Write down what the customer promised. Callers have checked who asks.

        :param amount: in the currency of the order
        :param replaces: open or broken promises of the order in whose place it is
        :return: the promise, with superuser rights
        :raise UserError: when there is nothing like that to promise
        """
        order = order.sudo()
        order.o2c_promise_ids._settle()
        replaces = (replaces or self.browse()).sudo()
        amount = order.currency_id.round(amount)
        self._check_recordable(order, amount, day, replaces)
        promise = self.sudo()._guarded_create([{
            **self._prepare_promise_vals(order, amount, day, replaces),
            "means": means, "promised_by": promised_by, "note": note}])
        promise._log_recorded()
        replaces._give_way(promise)
        return promise

    def _prepare_promise_vals(self, order, amount, day, replaces):
        sequence = self.env["ir.sequence"].sudo().with_company(order.company_id)
        currency, company = order.currency_id, order.company_id
        return {
            "name": sequence.next_by_code("o2c.payment.promise"),
            "order_id": order.id,
            "partner_id": order.partner_invoice_id.commercial_partner_id.id,
            "company_id": company.id,
            "currency_id": currency.id,
            "amount": amount,
            "company_amount": company.currency_id.round(amount / (order.currency_rate or 1.0)),
            "date_promised": day,
            "recorded_by_id": self.env.uid,
            "recorded_on": fields.Datetime.now(),
            **self._measure_base(order, day),
            "put_off": max(replaces.mapped("put_off"), default=-1) + 1,
            "state": "open",
        }

    def _give_way(self, promise):
        """Another promise takes the place of these. A broken one stays broken, and awaits nothing more."""
        text = self.env._("%s took its place.", promise.name)
        self.filtered(lambda old: old.state == "open")._move_state("replaced", message=text, vals={
            "replaced_by_id": promise.id, "closed_on": promise.company_id._o2c_today()})
        for old in self.filtered(lambda old: old.state == "broken"):
            old._guarded_write({"replaced_by_id": promise.id})
            self.env["o2c.register"]._log(old, "promise_moved", text, **old._prepare_register_vals())
        self._finish_activities(text)

    def _withdraw(self, reason):
        """Take back promises that were recorded by mistake or that the customer took back."""
        self._check_withdrawer()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the promise is withdrawn."))
        self.sudo()._settle()
        self.sudo()._move_state("withdrawn", message=reason, vals={
            "reason": reason, "closed_on": self.company_id[:1]._o2c_today()})
        self.sudo()._finish_activities(reason)

    def _log_recorded(self):
        for promise in self:
            text = promise._describe()
            self.env["o2c.register"]._log(promise, "promise_recorded", text, evidence={
                "promised_day": str(promise.date_promised), "by": promise.promised_by or "",
                "means": promise.means, "collected": promise.base}, **promise._prepare_register_vals())
            promise.order_id.message_post(body=text)

    def _describe(self):
        """One sentence for order and register."""
        return self.env._(
            "%(number)s: %(amount)s promised until %(day)s",
            number=self.name,
            amount=format_amount(self.env, self.amount, self.currency_id),
            day=format_date(self.env, self.date_promised),
        )

    def _prepare_register_vals(self):
        return {"partner": self.partner_id, "amount": self.amount, "currency": self.currency_id,
                "company": self.company_id}

    def _guard_get_hint(self):
        return self.env._("Use Promise of payment on the order; a new promise replaces an old one.")

    # === OVERVIEW === #

    @api.model
    def _get_overview_data(self, code):
        """Open promises; red when broken ones are not paid."""
        count = self.search_count([("status", "=", "open")])
        broken = self.search_count([
            ("status", "=", "broken"), ("paid_on", "=", False), ("replaced_by_id", "=", False)])
        return {
            "count": count,
            "caption": self.env._("%s broken", broken) if broken else False,
            "tone": "danger" if broken else "info" if count else "muted",
        }
