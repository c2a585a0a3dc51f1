from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .instalment_mixin import KINDS

REQUESTERS = (
    "sales_team.group_sale_salesman",
    "account.group_account_invoice",
    "o2c_base.group_finance_officer",
    "o2c_base.group_collector",
)
STATUSES = [("open", "Unpaid"), ("partial", "Partly paid"), ("paid", "Paid"), ("cancelled", "Withdrawn")]


class PaymentRequest(models.Model):
    """Asks the customer to pay an instalment before there is an invoice.

    It says which part of the order's total it asks for: from ``threshold - amount`` to ``threshold``.
    It is paid when that part is: by whatever receipt, the oldest instalment is served first, unless the
    money was given to another one by name. No money is booked on the request itself.
    """

    _name = "o2c.payment.request"
    _inherit = ["o2c.guarded.mixin", "mail.thread", "mail.activity.mixin", "portal.mixin"]
    _description = "Payment request"
    _order = "id desc"
    _mail_post_access = "read"

    _guarded_fields = (
        "name", "order_id", "partner_id", "company_id", "currency_id", "no", "instalment_id", "kind",
        "amount", "threshold", "date", "date_due", "user_id", "is_cancelled", "reason",
    )
    _guarded_links = ("instalment_id",)

    # === FIELDS === #

    name = fields.Char(string="Number", required=True, readonly=True, index="trigram")
    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Invoice address of the order.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    no = fields.Integer(string="Instalment", readonly=True, aggregator=None)
    instalment_id = fields.Many2one(
        "o2c.instalment",
        string="Part of the schedule",
        readonly=True,
        ondelete="set null",
        help="Empty where the order follows its payment term, or the part left the schedule.",
    )
    kind = fields.Selection([*KINDS, ("term", "Payment term")], required=True, readonly=True)
    amount = fields.Monetary(
        readonly=True, help="What is asked for: the instalment less what had come in for it.")
    threshold = fields.Monetary(
        string="Collected when paid",
        readonly=True,
        aggregator=None,
        help="What the order has collected once this and all earlier instalments are paid, as long as no"
        " money was given to a later one.",
    )
    date = fields.Date(string="Requested on", required=True, readonly=True)
    date_due = fields.Date(string="Due", required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users", string="Requested by", required=True, readonly=True, ondelete="restrict")
    is_cancelled = fields.Boolean(string="Withdrawn", readonly=True)
    reason = fields.Char(string="Reason of the withdrawal", readonly=True)
    received = fields.Monetary(compute="_compute_received", help="What came in for it, tax included.")
    missing = fields.Monetary(compute="_compute_received", help="What still has to come in.")
    status = fields.Selection(STATUSES, compute="_compute_received", search="_search_status")
    is_late = fields.Boolean(compute="_compute_received", search="_search_is_late")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A payment request asks for money.")
    _order_open_idx = models.Index("(order_id) WHERE is_cancelled IS NOT TRUE")

    # === COMPUTES === #

    @api.depends("amount", "threshold", "is_cancelled", "date_due")
    def _compute_received(self):
        """What came in for its part of the order decides; measured, never stored."""
        found = self.sudo()._origin._get_received()
        for request in self:
            received = found.get(request._origin.id, 0.0)
            request.received = received = request.currency_id.round(received)
            request.missing = 0.0 if request.is_cancelled else request.amount - received
            request.status = request._get_status(received)
            today = (request.company_id or self.env.company)._o2c_today()
            request.is_late = request.status in ("open", "partial") and request.date_due < today

    def _get_status(self, received):
        if self.is_cancelled:
            return "cancelled"
        if self.currency_id.compare_amounts(received, self.amount) >= 0:
            return "paid"
        return "partial" if self.currency_id.compare_amounts(received, 0) > 0 else "open"

    @api.depends("name")
    def _compute_access_url(self):
        super()._compute_access_url()
        for request in self:
            request.access_url = f"/my/payment-requests/{request.id}"

    # === SEARCHES === #

    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in", SQL(
            "(SELECT id FROM (%s) measured WHERE status = ANY(%s))",
            self._sql_status(), [str(item) for item in value]))]

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = [("status", "in", ("open", "partial")), ("date_due", "<", self.env.company._o2c_today())]
        return late if True in value else ["!", "&", *late]

    @api.model
    def _sql_status(self):
        """SELECT of ``id, status`` of the requests in the user's companies."""
        return SQL(
            """SELECT request.id, CASE
                      WHEN request.is_cancelled THEN 'cancelled'
                      WHEN ROUND(money.received::numeric, 6) >= request.amount THEN 'paid'
                      WHEN ROUND(money.received::numeric, 6) > 0
                      THEN 'partial' ELSE 'open' END AS status
                 FROM o2c_payment_request request
            LEFT JOIN (%s) money ON money.id = request.id""",
            self._sql_received(SQL(
                "asked.is_cancelled IS NOT TRUE AND asked.company_id = ANY(%s)",
                list(self.env.companies.ids))),
        )

    # === CHECKS === #

    @api.model
    def _check_requester(self):
        """Refuse users who neither sell nor deal with money.

        :raise AccessError: naming who may
        """
        if not any(map(self.env.user.has_group, REQUESTERS)):
            raise AccessError(self.env._(
                "Salespeople, accounting, finance officers and collectors ask customers to pay."))

    def _guard_get_hint(self):
        return self.env._("Request payment on the order.")

    # === ACTIONS === #

    def action_send(self):
        """Open the e-mail to the customer, with the request as PDF.

        :raise AccessError: for users who may not ask for money
        """
        self.ensure_one()
        self._check_requester()
        self.check_access("read")
        self._check_open()
        return {
            "type": "ir.actions.act_window",
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": self.env.ref("o2c_receipt.mail_template_payment_request").id,
                "default_composition_mode": "comment",
                "force_email": True,
            },
        }

    def action_print(self):
        """Print the request."""
        self.check_access("read")
        return self.env.ref("o2c_receipt.report_payment_request").report_action(self)

    def action_cancel(self):
        """Withdraw requests; money that came in for them stays with the order.

        :raise AccessError: for users who may not ask for money; :raise UserError: when it is paid
        """
        self._check_requester()
        self.check_access("read")
        self._check_open()
        self.sudo()._guarded_write({"is_cancelled": True})
        for request in self:
            text = self.env._("Payment request %s withdrawn", request.name)
            self.env["o2c.register"]._log(
                request, "request_cancelled", text, amount=request.amount, currency=request.currency_id)
            request.sudo().message_post(body=text)

    def action_open_order(self):
        """Open the order."""
        self.ensure_one()
        self.check_access("read")
        return self.order_id.get_formview_action()

    def action_preview(self):
        """Open the page that the customer sees."""
        self.ensure_one()
        self.check_access("read")
        self._check_requester()
        return {"type": "ir.actions.act_url", "target": "self", "url": self.sudo().get_portal_url()}

    # === BUSINESS METHODS === #

    @api.model
    def _request(self, order, rows):
        """Ask for instalments of a confirmed order.

        Callers have checked who asks.
        :param rows: ``(instalment, its end on the order's axis, amount to ask for)``
        :return: the requests, with superuser rights
        """
        today = order.company_id._o2c_today()
        values = []
        for row, upto, amount in rows:
            sequence = self.env["ir.sequence"].sudo().with_company(order.company_id)
            values.append({
                "name": sequence.next_by_code("o2c.payment.request"),
                "order_id": order.id,
                "partner_id": order.partner_invoice_id.id,
                "company_id": order.company_id.id,
                "currency_id": order.currency_id.id,
                "no": row.no,
                "instalment_id": row.instalment_id,
                "kind": row.kind,
                "amount": order.currency_id.round(amount),
                "threshold": upto,
                "date": today,
                "date_due": row.due,
                "user_id": self.env.uid,
            })
        requests = self.sudo()._guarded_create(values)
        self.env["o2c.register"]._log_many([
            {
                "record": request,
                "event": "payment_requested",
                "message": self.env._(
                    "Payment of instalment %(no)s of order %(order)s requested",
                    no=request.no, order=order.name),
                "partner": request.partner_id,
                "amount": request.amount,
                "currency": request.currency_id,
                "company": request.company_id,
            }
            for request in requests
        ])
        return requests

    def _get_pay_url(self):
        """Page of the order where the customer pays what is missing."""
        self.ensure_one()
        order = self.sudo().order_id
        amount = f"{self.missing:.{self.currency_id.decimal_places}f}"
        return order.get_portal_url(query_string=f"&payment_amount={amount}")

    def _get_report_base_filename(self):
        return self.name.replace("/", "-")

    def _get_bank_account(self):
        """Account of the company to which customers pay."""
        return self.sudo().company_id.partner_id.bank_ids[:1]
