"""A scorecard in force, and people around it."""

from freezegun import freeze_time
from odoo import Command
from odoo.addons.mail.tests.common import mail_new_test_user
from odoo.tests import TransactionCase

NOW = "2026-06-30 10:00:00"
GRADES = (("AAA", 90), ("AA", 80), ("A", 70), ("B", 60), ("C", 40), ("D", 0))


def numbers(*pairs):
    """Bands of a factor from ``(value from, points)``."""
    return [Command.create({"value_from": floor, "points": points}) for floor, points in pairs]


def answers(*triples):
    """Options of a factor from ``(key, label, points)``."""
    return [
        Command.create({"option": key, "label": label, "points": points, "sequence": place})
        for place, (key, label, points) in enumerate(triples)
    ]


class ScorecardCase(TransactionCase):
    """One company with a policy in force since 2020, one person per role, and customers."""

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time(NOW))
        super().setUpClass()
        cls.company = cls.env.company
        cls.today = cls.company._o2c_today()
        cls.officer = cls.make_user("score_officer", "o2c_base.group_credit_officer")
        cls.seller = cls.make_user("score_seller", "sales_team.group_sale_salesman")
        cls.policy_admin = cls.make_user("score_policy", "o2c_base.group_policy_administrator")
        cls.auditor = cls.make_user("score_auditor", "o2c_base.group_auditor")
        cls.customer = cls.make_customer("Corner Shop", user_id=cls.seller.id)
        # Before whatever the database has already.
        cls.policy = cls.make_policy(sequence=-10)
        cls.scores = cls.env["o2c.credit.score"]

    @classmethod
    def make_user(cls, login, groups, company=None):
        company = company or cls.env.company
        return mail_new_test_user(
            cls.env,
            login=login,
            groups=f"base.group_user,{groups}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def make_customer(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **values})

    @classmethod
    def make_policy(cls, factors=None, *, company=None, in_force=True, **values):
        grades = {grade.name: grade for grade in cls.env["o2c.credit.grade"].search([])}
        policy = cls.env["o2c.credit.policy"].create(
            {
                "name": "Dealers",
                "company_id": (company or cls.env.company).id,
                "date_from": "2010-01-01",
                "grade_line_ids": [
                    Command.create({"grade_id": grades[name].id, "score_from": floor})
                    for name, floor in GRADES
                ],
                "factor_ids": [Command.create(vals) for vals in factors or cls.get_factors()],
                **values,
            }
        )
        if in_force:
            policy.action_put_in_force()
        return policy

    @classmethod
    def get_factors(cls):
        """Half paid on time, a third management, the rest how long we know each other."""
        return [
            {
                "name": "Paid on time",
                "source": "on_time_amount",
                "weight": 50,
                "missing_rule": "neutral",
                "missing_points": 40,
                "band_ids": numbers((0, 0), (50, 50), (90, 100)),
            },
            {
                "name": "Management",
                "source": "answer",
                "weight": 30,
                "missing_rule": "leave_out",
                "band_ids": answers(("strong", "Strong", 100), ("weak", "Weak", 10)),
            },
            {
                "name": "Length of the relation",
                "source": "relation_months",
                "weight": 20,
                "missing_rule": "fail",
                "band_ids": numbers((0, 20), (12, 60), (36, 100)),
            },
        ]

    @classmethod
    def get_factor(cls, name, policy=None):
        return (policy or cls.policy).factor_ids.filtered(lambda factor: factor.name == name)

    @classmethod
    def answer(cls, option, *, customer=None, user=None, factor="Management", policy=None):
        question = cls.get_factor(factor, policy)
        return (
            cls.env["o2c.credit.answer"]
            .with_user(user or cls.officer)
            ._answer(
                cls.company,
                (customer or cls.customer).with_user(user or cls.officer),
                {question: question._get_option(option)},
            )
        )

    @classmethod
    def make_invoice(cls, amount, *, customer=None, date=None, due=None, paid=None):
        """A posted invoice without tax; ``paid``: the day of its payment."""
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (customer or cls.customer).id,
                "invoice_date": date,
                "date": date,
                "invoice_date_due": due or date,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"name": "Goods", "price_unit": amount, "tax_ids": [Command.clear()]})
                ],
            }
        )
        invoice.action_post()
        if paid:
            cls.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({"payment_date": paid})._create_payments()
        return invoice

    def score(self, customers=None, date=None, **kwargs):
        return self.scores.with_user(self.officer)._score(
            self.company, customers or self.customer, date or self.today, **kwargs
        )
