"""Factories that tests of the suite share."""

from odoo.tests import TransactionCase


class O2cCommon(TransactionCase):
    """Users with real roles in two companies with different currencies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Tests of mail would otherwise be slowed down; history is the register's task.
        cls.env = cls.env(context={**cls.env.context, "no_reset_password": True})
        cls.company = cls.env.company
        cls.company_b = cls.env["res.company"].create({
            "name": "Order-to-Cash B",
            "currency_id": cls.env.ref("base.CNY").id,
            "o2c_tz": "Asia/Shanghai",
        })

    @classmethod
    def make_user(cls, login, *groups, companies=None):
        """A user with the roles named, which may leave out the module ``o2c_base``."""
        companies = companies or cls.company
        return cls.env["res.users"].create({
            "name": login.replace("_", " ").title(),
            "login": login,
            "email": f"{login}@example.com",
            "company_id": companies[0].id,
            "company_ids": [(6, 0, companies.ids)],
            "group_ids": [(6, 0, [
                cls.env.ref(name if "." in name else f"o2c_base.{name}").id
                for name in ("base.group_user", *groups)
            ])],
        })

    @classmethod
    def make_customer(cls, name="Customer", **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **values})

    def entries(self, **conditions):
        """Register entries with these values, the oldest first."""
        return self.env["o2c.register"].search(
            [(name, "=", value) for name, value in conditions.items()], order="id")
