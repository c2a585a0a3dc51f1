"""Guarantees for the tests, by the people who register and accept them."""

from .common import CreditCase


class GuaranteeCase(CreditCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._o2c_today()
        cls.make_authority("credit_guarantee", manager=10000.0, director=None)
        cls.env["o2c.control.setting"].search([("company_id", "=", cls.company.id)]).write({"mode": "off"})
        cls.set_modes("enforcing", "credit_guarantee")
        cls.Guarantee = cls.env["o2c.credit.guarantee"].with_user(cls.officer)
        cls.bank = cls.env["res.partner"].create({"name": "Bank", "is_company": True})
        cls.home = cls.env.ref("base.cn")
        cls.company.partner_id.country_id = cls.home
        cls.customer.country_id = cls.home

    @classmethod
    def set_modes(cls, mode, *codes):
        cls.env["o2c.control.setting"].search(
            [("company_id", "=", cls.company.id), ("control_id.code", "in", codes)]
        ).write({"mode": mode})

    @classmethod
    def make_guarantee(cls, value, *, partner=None, **values):
        """A draft by the credit officer."""
        vals = {
            "kind": "third_party",
            "partner_id": (partner or cls.customer).id,
            "guarantor_id": cls.bank.id,
            "value": value,
            "haircut": 0.0,
            **values,
        }
        return cls.Guarantee.create(vals)

    @classmethod
    def accept(cls, guarantee):
        guarantee.action_submit()
        cls.sign(guarantee)
        return guarantee

    @classmethod
    def secure(cls, value, **values):
        """A guarantee in force."""
        return cls.accept(cls.make_guarantee(value, **values))

    @classmethod
    def make_currency(cls, rate, **values):
        """A currency of which ``rate`` are one unit of the company's."""
        currency = cls.env["res.currency"].create({"name": "XTC", "symbol": "x", "rounding": 0.01})
        cls.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "rate": rate,
                "name": "2000-01-01",
                "company_id": cls.company.id,
                **values,
            }
        )
        return currency

    def get_facts(self, partner=None, *, date=None, checkpoint="order", company=None):
        company = company or self.company
        key = (company.id, (partner or self.customer).id)
        facts = self.env["o2c.facts"].sudo()._get_facts([key], checkpoint, date or self.today)
        return facts[key]

    def recheck(self):
        """What the triggered job does within a minute."""
        self.env.cr.precommit.run()
        while self.env["o2c.hold.recheck"]._run_batch():
            pass
