from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount


class ReceiptRegister(models.TransientModel):
    """Enters money of an order as a posted payment that is allocated to it at once."""

    _name = "o2c.receipt.register"
    _inherit = ["o2c.instalment.choice.mixin"]
    _description = "Register a receipt"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id")
    slip_id = fields.Many2one(
        "o2c.receipt.slip",
        string="Receipt slip",
        readonly=True,
        ondelete="cascade",
        help="Money that somebody had received and now is banked: all of it, in its currency.",
    )
    direction = fields.Selection(
        [("in", "Received"), ("out", "Paid back")], required=True, default="in")
    journal_id = fields.Many2one(
        "account.journal",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        domain="[('type', 'in', ('bank', 'cash', 'credit')), ('company_id', 'parent_of', company_id)]",
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, readonly=False)
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False)
    date = fields.Date(required=True, default=lambda self: self.env.company._o2c_today())
    memo = fields.Char(compute="_compute_memo", store=True, readonly=False)

    # === COMPUTES === #

    @api.depends("order_id")
    def _compute_journal_id(self):
        for wizard in self:
            company = wizard.order_id.company_id
            wizard.journal_id = self.env["account.journal"].search([
                *self.env["account.journal"]._check_company_domain(company),
                ("type", "in", ("bank", "cash", "credit")),
            ], limit=1)

    @api.depends("order_id", "journal_id", "slip_id")
    def _compute_currency_id(self):
        for wizard in self:
            wizard.currency_id = (wizard.slip_id.currency_id or wizard.journal_id.currency_id
                                  or wizard.order_id.currency_id)

    @api.depends("order_id", "instalment_id", "currency_id", "direction", "date", "slip_id")
    def _compute_amount(self):
        for wizard in self:
            if wizard.slip_id:
                wizard.amount = wizard.slip_id.amount
                continue
            order, amount = wizard.order_id, 0.0
            if order and wizard.currency_id and wizard.date:
                amount = order.currency_id._convert(
                    wizard._get_expected(), wizard.currency_id, order.company_id, wizard.date)
            wizard.amount = amount

    def _get_expected(self):
        """What the instalment, or else the order, lacks; of money that goes back, what it has."""
        part, order = self.instalment_id, self.order_id
        if self.direction == "out":
            return part.received if part else order.o2c_collected
        return part.missing if part else max(order.o2c_uncollected, 0.0)

    @api.depends("order_id", "slip_id")
    def _compute_memo(self):
        for wizard in self:
            order = wizard.order_id
            wizard.memo = " ".join(filter(None, (order.name, order.client_order_ref, wizard.slip_id.name)))

    # === START === #

    @api.model
    def _start(self, order, slip=None, instalment=None):
        self._check_accountant()
        wizard = self.create({
            "order_id": order.id,
            "slip_id": slip.id if slip else False,
            "instalment_id": instalment.id if instalment else False,
        })
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bank money received") if slip else self.env._("Register a receipt"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    # === CHECKS === #

    def _check_accountant(self):
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Money is entered by accounting. Send them the proof of payment."))

    def _check_slip(self):
        """What is banked is what was received: for this order, all of it, in its currency.

        :raise AccessError, UserError: as `o2c.receipt.slip._check_bankable`
        """
        slip = self.slip_id
        if not slip:
            return
        slip._check_bankable()
        if (slip.order_id, slip.currency_id, "in") != (self.order_id, self.currency_id, self.direction) or (
                self.currency_id.compare_amounts(self.amount, slip.amount)):
            raise UserError(self.env._(
                "%(slip)s is about %(amount)s received for order %(order)s. Bank exactly that, or have it"
                " cancelled and written anew.",
                slip=slip.name, amount=format_amount(self.env, slip.amount, slip.currency_id),
                order=slip.order_id.name))

    # === ACTIONS === #

    def action_register(self):
        """Post the payment with the rights of the user and allocate it to the order.

        :raise AccessError: for users who don't do the invoicing
        :raise UserError: without an amount, or when the slip says something else
        """
        self.ensure_one()
        self._check_accountant()
        self.order_id.check_access("read")
        key = self._get_key()
        if not self.journal_id or not self.currency_id:
            raise UserError(self.env._("Choose the bank or cash journal in which the money is."))
        if self.currency_id.compare_amounts(self.amount, 0) <= 0:
            raise UserError(self.env._("Enter the amount that was received."))
        self._check_slip()
        payments = self.env["account.payment"].with_company(self.company_id)
        payment = payments.create(self._prepare_payment_vals())
        payment.action_post()
        self.env["o2c.receipt.allocation"]._allocate(payment, {key: self.amount}, origin="register")
        if self.slip_id:
            self.slip_id._bank(payment)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_payment_vals(self):
        order = self.order_id
        return {
            "payment_type": "inbound" if self.direction == "in" else "outbound",
            "partner_type": "customer",
            "partner_id": order.partner_invoice_id.commercial_partner_id.id,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "date": self.date,
            "journal_id": self.journal_id.id,
            "company_id": order.company_id.id,
            "memo": self.memo,
            **self._prepare_advance_vals(),
        }

    def _prepare_advance_vals(self):
        """Money that is received is kept on the account for advances, where the company has one; what is
        paid back is taken from there as far as it lies there."""
        account = self.company_id.sudo().o2c_advance_account_id
        if account and self.direction == "out":
            matching = self.env["o2c.receipt.matching"]
            refundable = matching._get_advance(self.order_id, account, self.currency_id)
            if self.currency_id.compare_amounts(self.amount, refundable) > 0:
                account = None
        return {"destination_account_id": account.id} if account else {}
