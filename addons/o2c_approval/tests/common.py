from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user

LADDER = (
    ("o2c_base.group_credit_officer", 1000.0),
    ("o2c_base.group_credit_manager", 10000.0),
    ("o2c_base.group_general_manager", None),
)


class ApprovalCommon(TransactionCase):
    """A company with an authority table, one person per role, and a salesperson who asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "no_reset_password": True})
        cls.company = cls.env["res.company"].create(
            {"name": "Pine Ltd", "currency_id": cls.env.ref("base.CNY").id}
        )
        cls.env.ref("base.CNY").active = True
        cls.other_company = cls.env["res.company"].create(
            {"name": "Oak Ltd", "currency_id": cls.env.ref("base.EUR").id}
        )
        cls.seller = cls.make_user("seller", "sales_team.group_sale_salesman")
        cls.colleague = cls.make_user("colleague", "sales_team.group_sale_salesman")
        cls.officer = cls.make_user("officer", "o2c_base.group_credit_officer")
        cls.manager = cls.make_user("manager", "o2c_base.group_credit_manager")
        cls.general = cls.make_user("general", "o2c_base.group_general_manager")
        cls.finance = cls.make_user("finance", "o2c_base.group_finance_officer")
        cls.admin = cls.make_user("policy", "o2c_base.group_policy_administrator")
        cls.auditor = cls.make_user("auditor", "o2c_base.group_auditor")
        cls.employee = cls.make_user("employee", "base.group_user")
        cls.customer = cls.env["res.partner"].create({"name": "Bamboo Trading"})
        cls.make_table(LADDER, mode="direct")

    @classmethod
    def make_user(cls, login, groups, companies=None, **values):
        companies = companies or cls.company
        return new_test_user(
            cls.env,
            login=f"o2c_{login}",
            name=login.capitalize(),
            groups=groups,
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
            **values,
        )

    @classmethod
    def make_table(cls, rows, *, kind="test_document", mode="ladder", company=None, cosigns=()):
        company = company or cls.company
        table = cls.env["o2c.authority"].create(
            [
                {
                    "company_id": company.id,
                    "kind": kind,
                    "group_id": cls.env.ref(role).id,
                    "amount_to": up_to or 0.0,
                    "is_unlimited": up_to is None,
                }
                for role, up_to in rows
            ]
        )
        setting = cls.env["o2c.authority.kind"]._get_setting(kind, company)
        setting.write(
            {
                "mode": mode,
                "cosign_ids": [
                    Command.create({"group_id": cls.env.ref(role).id, "amount_above": above})
                    for role, above in cosigns
                ],
            }
        )
        return table

    @classmethod
    def set_mode(cls, mode):
        cls.env["o2c.authority.kind"]._get_setting("test_document", cls.company).mode = mode

    @classmethod
    def make_document(cls, amount=800.0, user=None, **values):
        return (
            cls.env["o2c.test.document"]
            .with_user(user or cls.seller)
            .create({"name": "Order 1", "amount": amount, "company_id": cls.company.id, **values})
        )

    @classmethod
    def submit(cls, amount=800.0, user=None, **values):
        """A pending request, read as superuser."""
        document = cls.make_document(amount, user, **values)
        document.action_submit("Customer promised to pay")
        return cls.env["o2c.request"].browse(document.o2c_request_id.id)

    def rpc(self, user, records, method, *args, **kwargs):
        """Call as a client does: private methods are refused, the context is the client's."""
        return call_kw(
            records.browse().with_env(self.env(user=user, context={})),
            method,
            [records.ids, *args],
            kwargs,
        )

    def entries(self, record, event=None):
        domain = [("res_model", "=", record._name), ("res_id", "=", record.id)]
        if event:
            domain.append(("event", "=", event))
        return self.env["o2c.register"].search(domain)
