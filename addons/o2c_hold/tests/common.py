from odoo.addons.o2c_hold.models.facts import FactPart
from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import SQL

CODE = "test_limit"


def judge(document, facts, added):
    """The control of the tests: confirmed orders of a customer must not exceed his limit."""
    limit = document.env.registry.o2c_test_limits.get(document._get_o2c_debtor().id)
    if limit is None:
        return []
    exposure = round(facts["test_confirmed"] + added, 2)
    excess = round(max(exposure - limit, 0.0), 2)
    message = f"exposure {exposure} {'would exceed' if excess else 'is within'} the limit {limit}."
    return [
        Verdict(CODE, "hold" if excess else "pass", message, {"Exposure": exposure, "Limit": limit}, excess)
    ]


class HoldCommon(TransactionCase):
    """A company with stock, an authority table for releases, people with real roles, and a control
    that behaves like a credit limit. Prices are without tax: the figures in the tests are the prices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "no_reset_password": True})
        cls.company = cls.env.company
        cls.seller = cls.make_user("seller", "sales_team.group_sale_salesman")
        cls.colleague = cls.make_user("colleague", "sales_team.group_sale_salesman")
        cls.sales_manager = cls.make_user("sales_manager", "sales_team.group_sale_manager")
        cls.warehouse_user = cls.make_user("warehouse", "stock.group_stock_user")
        cls.accountant = cls.make_user("accountant", "account.group_account_invoice")
        cls.employee = cls.make_user("employee", "base.group_user")
        cls.officer = cls.make_user("officer", "o2c_base.group_credit_officer")
        cls.credit_manager = cls.make_user("credit_manager", "o2c_base.group_credit_manager")
        cls.general = cls.make_user("general", "o2c_base.group_general_manager")
        cls.policy = cls.make_user("policy", "o2c_base.group_policy_administrator")
        cls.auditor = cls.make_user("auditor", "o2c_base.group_auditor")
        cls.customer = cls.make_customer("Bamboo Trading")
        cls.product = cls.make_product("Pump")
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.make_stock(cls.product, 10000)
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.make_authority()
        cls.make_control()

    def setUp(self):
        super().setUp()
        self.first_entry = self.env["o2c.register"].search([], order="id desc", limit=1).id

    # --- people and master data -----------------------------------------------------------------------------

    @classmethod
    def make_user(cls, login, groups, **values):
        return new_test_user(cls.env, login=f"hold_{login}", name=login.capitalize(), groups=groups, **values)

    @classmethod
    def make_customer(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **values})

    @classmethod
    def make_product(cls, name):
        return cls.env["product.product"].create(
            {
                "name": name,
                "is_storable": True,
                "list_price": 100.0,
                "invoice_policy": "order",
                "taxes_id": [Command.clear()],
            }
        )

    @classmethod
    def make_stock(cls, product, quantity):
        cls.env["stock.quant"]._update_available_quantity(product, cls.warehouse.lot_stock_id, quantity)

    @classmethod
    def make_authority(cls, company=None):
        company = company or cls.company
        present = [("company_id", "=", company.id), ("kind", "=", "hold_release")]
        cls.env["o2c.authority"].search(present).unlink()
        rows = (("o2c_base.group_credit_manager", 10000.0), ("o2c_base.group_general_manager", None))
        cls.env["o2c.authority"].create(
            [
                {
                    "company_id": company.id,
                    "kind": "hold_release",
                    "group_id": cls.env.ref(role).id,
                    "amount_to": up_to or 0.0,
                    "is_unlimited": up_to is None,
                }
                for role, up_to in rows
            ]
        )
        cls.env["o2c.authority.kind"]._get_setting("hold_release", company).mode = "direct"

    # --- the control ----------------------------------------------------------------------------------------

    @classmethod
    def make_control(cls):
        # Controls of other modules must not speak up in these tests.
        cls.env["o2c.control.setting"].search([]).write({"mode": "off"})
        cls.env["o2c.control"].create(
            {
                "name": "Test limit",
                "code": CODE,
                "advice": "Ask for a release.",
                "at_order": True,
                "at_delivery": True,
                "at_invoice": True,
            }
        )
        cls.limits = cls.registry.o2c_test_limits = {}
        cls.addClassCleanup(delattr, cls.registry, "o2c_test_limits")
        cls._extend(
            "sale.order",
            "_get_order_verdicts",
            lambda order, facts: judge(
                order, facts, 0.0 if order.state == "sale" else order._get_o2c_amount()
            ),
        )
        cls._extend(
            "stock.picking", "_get_delivery_verdicts", lambda picking, facts: judge(picking, facts, 0.0)
        )
        cls._extend("account.move", "_get_invoice_verdicts", lambda move, facts: judge(move, facts, 0.0))
        cls._extend("o2c.facts", "_fact_parts", lambda facts, checkpoint: [cls._get_fact_part()])

    @classmethod
    def _extend(cls, model, name, more):
        """Extend a method that returns a list, as a module would."""
        registry_class = cls.registry[model]
        original = getattr(registry_class, name)
        # What is made of the method's answer may be kept: neither from before the test, nor beyond it.
        cls.registry.clear_cache()
        cls.addClassCleanup(cls.registry.clear_cache)
        cls.classPatch(registry_class, name, lambda self, arg: original(self, arg) + more(self, arg))

    @classmethod
    def _get_fact_part(cls):
        return FactPart(
            {"test_confirmed": SQL("test_orders.amount")},
            SQL(
                """
                LEFT JOIN LATERAL (
                    SELECT COALESCE(SUM(o.amount_total / NULLIF(o.currency_rate, 0)), 0) AS amount
                      FROM sale_order o JOIN res_partner p ON p.id = o.partner_invoice_id
                     WHERE o.state = 'sale' AND o.company_id = keys.company_id
                       AND p.commercial_partner_id = keys.partner_id
                ) test_orders ON TRUE
                """
            ),
        )

    def set_control(self, code=CODE, mode="enforcing", severity="hold", company=None):
        setting = self.env["o2c.control.setting"].search(
            [("control_id.code", "=", code), ("company_id", "=", (company or self.company).id)]
        )
        setting.write({"mode": mode, "severity": severity})
        return setting

    def set_limit(self, amount, partner=None):
        self.limits[(partner or self.customer).id] = amount
        self.addCleanup(self.limits.clear)

    # --- documents ------------------------------------------------------------------------------------------

    def make_order(self, amount=100.0, *, partner=None, user=None, lines=1, **values):
        """A quotation of ``user`` (the seller) over ``lines`` lines of ``amount`` each."""
        user = user or self.seller
        return (
            self.env["sale.order"]
            .with_user(user)
            .create(
                {
                    "partner_id": (partner or self.customer).id,
                    "order_line": [
                        Command.create(
                            {"product_id": self.product.id, "product_uom_qty": 1, "price_unit": amount}
                        )
                        for _line in range(lines)
                    ],
                    **values,
                }
            )
        )

    def make_confirmed(self, amount=100.0, **kwargs):
        order = self.make_order(amount, **kwargs)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        return order

    def get_holds(self, document):
        return self.env["o2c.hold"].search([("res_model", "=", document._name), ("res_id", "=", document.id)])

    def get_events(self, document, *events):
        """Messages of the register about a document or its holds."""
        holds = self.get_holds(document)
        entries = self.env["o2c.register"].search(
            [("event", "in", events), ("id", ">", self.first_entry)], order="id"
        )
        return [
            entry.event
            for entry in entries
            if (entry.res_model, entry.res_id) == (document._name, document.id)
            or (entry.res_model == "o2c.hold" and entry.res_id in holds.ids)
        ]

    def release(self, document, *, by=None, reason="Long-standing customer", days=5):
        """Ask for a release as the seller and approve it."""
        holds = self.get_holds(document).filtered(lambda hold: hold.state in ("open", "refused", "lapsed"))
        self.ask_release(holds, reason=reason, days=days)
        for hold in holds:
            hold.sudo().o2c_request_id.with_user(by or self.credit_manager).action_approve("fine")
        return holds

    def ask_release(self, holds, *, user=None, reason="Long-standing customer", days=5):
        wizard = (
            self.env["o2c.hold.release"]
            .with_user(user or self.seller)
            .create(
                {
                    "hold_ids": [Command.set(holds.ids)],
                    "reason": reason,
                    "valid_until": self.company._o2c_today().fromordinal(
                        self.company._o2c_today().toordinal() + days
                    ),
                }
            )
        )
        wizard.action_ask()
        return holds.sudo().o2c_request_id

    def run_recheck(self):
        """What happens at the end of the transaction and a moment later."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        return self.env["o2c.hold.recheck"].sudo()._run_batch()

    def call(self, user, model, method, *args, **kwargs):
        """Call as the web client and the external API do: public methods only."""
        return call_kw(self.env[model].with_user(user), method, args, kwargs)
