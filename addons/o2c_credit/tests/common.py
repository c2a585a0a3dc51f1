"""People, customers and goods for the tests of credit limits."""

from odoo import Command
from odoo.addons.mail.tests.common import mail_new_test_user
from odoo.tests import TransactionCase


class CreditCase(TransactionCase):
    """One company whose controls enforce, with one person per role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.seller = cls.make_user("seller", "sales_team.group_sale_salesman")
        cls.keeper = cls.make_user("keeper", "stock.group_stock_user")
        cls.biller = cls.make_user("biller", "account.group_account_invoice")
        cls.officer = cls.make_user("officer", "o2c_base.group_credit_officer")
        cls.manager = cls.make_user("manager", "o2c_base.group_credit_manager")
        cls.director = cls.make_user("director", "o2c_base.group_finance_director")
        cls.auditor = cls.make_user("reader", "o2c_base.group_auditor")
        cls.make_authority("credit_limit", manager=10000.0, director=None)
        cls.make_authority("hold_release", manager=1000.0, director=None)
        cls.set_mode("enforcing")
        cls.customer = cls.env["res.partner"].create(
            {"name": "Corner Shop", "is_company": True, "user_id": cls.seller.id}
        )
        cls.product = cls.env["product.product"].create(
            {
                "name": "Kettle",
                "type": "consu",
                "is_storable": True,
                "invoice_policy": "delivery",
                "list_price": 10.0,
                "taxes_id": [Command.clear()],
            }
        )
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.env["stock.quant"]._update_available_quantity(cls.product, cls.warehouse.lot_stock_id, 10000)

    @classmethod
    def make_user(cls, login, groups, **values):
        return mail_new_test_user(
            cls.env,
            login=f"o2c_{login}",
            groups=f"base.group_user,{groups}",
            company_id=cls.company.id,
            **values,
        )

    @classmethod
    def make_authority(cls, kind, **levels):
        """``make_authority("credit_limit", manager=10000, director=None)``; None is any amount."""
        roles = {
            "manager": "o2c_base.group_credit_manager",
            "director": "o2c_base.group_finance_director",
        }
        cls.env["o2c.authority"].search([("kind", "=", kind), ("company_id", "=", cls.company.id)]).unlink()
        for role, amount in levels.items():
            cls.env["o2c.authority"].create(
                {
                    "company_id": cls.company.id,
                    "kind": kind,
                    "group_id": cls.env.ref(roles[role]).id,
                    "amount_to": amount or 0.0,
                    "is_unlimited": amount is None,
                }
            )

    @classmethod
    def set_mode(cls, mode, company=None, codes=("credit_limit",)):
        settings = cls.env["o2c.control.setting"].search(
            [("company_id", "=", (company or cls.company).id), ("control_id.code", "in", codes)]
        )
        settings.write({"mode": mode})

    @classmethod
    def make_application(cls, amount=0.0, *, partner=None, group=None, **values):
        """A draft by the credit officer."""
        subject = {"corporate_group_id": group.id} if group else {"partner_id": (partner or cls.customer).id}
        return (
            cls.env["o2c.credit.application"]
            .with_user(cls.officer)
            .create({**subject, "amount": amount, **values})
        )

    @classmethod
    def grant(cls, amount=0.0, **values):
        """An approved application, signed by everybody whom the authority table asks."""
        application = cls.make_application(amount, **values)
        application.action_submit()
        cls.sign(application)
        return application

    @classmethod
    def grant_limit(cls, amount, **values):
        """Terms in force: the row that an approved application wrote."""
        return cls.grant(amount, **values).limit_id

    @classmethod
    def make_policy(cls, grades=(), **values):
        """A credit policy in force; ``grades`` are (xml id of the grade, values of its line)."""
        policy = cls.env["o2c.credit.policy"].create(
            {
                "name": "Credit",
                "company_id": cls.company.id,
                "date_from": "2020-01-01",
                "grade_line_ids": [
                    Command.create({"grade_id": cls.grade(name).id, **line}) for name, line in grades
                ],
                **values,
            }
        )
        policy.action_put_in_force()
        return policy

    @classmethod
    def grade(cls, name):
        return cls.env.ref(f"o2c_credit.grade_{name}")

    @classmethod
    def sign(cls, document):
        request = document.sudo().o2c_request_id
        for signer in (cls.manager, cls.director):
            if request.state == "pending" and request.with_user(signer).can_decide:
                request.with_user(signer).action_approve("Fine")
        assert request.state == "approved", request.state

    def recheck(self):
        """What the triggered job does within a minute."""
        self.env.cr.precommit.run()
        while self.env["o2c.hold.recheck"]._run_batch():
            pass

    def get_hold(self, document, code):
        link = "picking_id" if document._name == "stock.picking" else "order_id"
        if document._name == "account.move":
            link = "move_id"
        return self.env["o2c.hold"].search([(link, "=", document.id), ("code", "=", code)])

    @classmethod
    def make_order(cls, amount, *, partner=None, user=None, **values):
        """A quotation of the salesperson with one line of kettles, 10.00 each."""
        return (
            cls.env["sale.order"]
            .with_user(user or cls.seller)
            .create(
                {
                    "partner_id": (partner or cls.customer).id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "product_uom_qty": amount / 10.0,
                                "price_unit": 10.0,
                            }
                        )
                    ],
                    **values,
                }
            )
        )

    @classmethod
    def make_invoice(cls, amount, *, partner=None, date=None, **values):
        """A posted customer invoice without tax."""
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or cls.customer).id,
                "invoice_date": date or cls.company._o2c_today(),
                "invoice_line_ids": [
                    Command.create({"name": "Goods", "price_unit": amount, "tax_ids": [Command.clear()]})
                ],
                **values,
            }
        )
        invoice.action_post()
        return invoice
