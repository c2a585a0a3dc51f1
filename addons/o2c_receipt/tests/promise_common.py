"""Promises: factories, and what an attempt must not change."""

from freezegun import freeze_time
from odoo import fields
from odoo.tools import mute_logger

from .common import ReceiptCase

MODEL = "o2c.payment.promise"


class PromiseCase(ReceiptCase):
    """It is 2 March 2026, ten o'clock; the company's clock is UTC unless a test says otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.o2c_tz = "UTC"
        cls.collector = cls.make_user("collector", "o2c_base.group_collector")
        cls.warehouse_user = cls.make_user("warehouse", "stock.group_stock_user")
        cls.portal_user = cls.make_user("portal", "base.group_portal")
        cls.promises = cls.env[MODEL]

    def setUp(self):
        super().setUp()
        self.at(2)
        self.order = self.make_order(1000)

    def at(self, day, hour=10):
        """Go to a day of March."""
        self.enterContext(freeze_time(f"2026-03-{day:02} {hour:02}:00:00"))

    def promise(self, amount, day, *, order=None, user=None, **values):
        """Through the wizard, as a person does."""
        user, order = user or self.seller, order or self.order
        action = order.with_user(user).action_o2c_promise_payment()
        wizard = self.env["o2c.payment.promise.record"].with_user(user).browse(action["res_id"])
        known = order.sudo().o2c_promise_ids
        wizard.write({"amount": amount, "date_promised": fields.Date.to_date(f"2026-03-{day:02}"), **values})
        wizard.action_record()
        order.invalidate_recordset(["o2c_promise_ids"])
        return (order.sudo().o2c_promise_ids - known).sudo()

    def pay(self, amount, day, order=None):
        """Money of a day: it is there on that day, not before."""
        if fields.Date.to_date(f"2026-03-{day:02}") > fields.Date.today():
            self.at(day)
        order = order or self.order
        payment = self.make_payment(amount, date=f"2026-03-{day:02}", partner=order.partner_id,
                                    currency=order.currency_id)
        self.allocate(payment, {order: amount})
        return payment

    def pay_back(self, amount, day, order=None):
        payment = self.make_payment(amount, date=f"2026-03-{day:02}", outbound=True)
        self.env["o2c.receipt.allocation"]._allocate(payment, {order or self.order: amount})
        return payment

    def judge(self):
        """The daily job, but for its commits."""
        self.env.flush_all()
        self.promises.browse(self.promises._find_changed()).sudo()._settle()

    def show(self, promise):
        """What a reader sees: ``(state, status, received, missing)``."""
        self.env.flush_all()
        self.env.invalidate_all()
        return promise.state, promise.status, promise.received, promise.missing

    def look(self):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.promises.search([], order="id")
        return rows.read(["state", "amount", "date_promised", "paid_on", "closed_level", "replaced_by_id"])

    def refuse(self, error, call, *args, **kwargs):
        """The call is refused, and nothing has changed; the message."""
        before = self.look()
        with mute_logger("odoo.sql_db"), self.assertRaises(error) as caught, self.env.cr.savepoint():
            call(*args, **kwargs)
        self.assertEqual(self.look(), before)
        return str(caught.exception)
