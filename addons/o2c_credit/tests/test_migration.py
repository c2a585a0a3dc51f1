import importlib.util

from odoo.tests import tagged
from odoo.tools import file_path

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestMigration(CreditCase):
    """Databases of the first version: a plain dated limit with a state."""

    def migrate(self, name, version="19.0.2.0.0"):
        path = file_path(f"o2c_credit/migrations/{version}/{name}-migrate.py")
        spec = importlib.util.spec_from_file_location("migration", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()

    def make_old(self):
        """Rows as the first version left them: no kind, source and currency, but a state."""
        self.env.cr.execute(
            """
            ALTER TABLE o2c_credit_limit ADD COLUMN IF NOT EXISTS state varchar,
                                         ADD COLUMN IF NOT EXISTS reason text;
            ALTER TABLE o2c_credit_limit ALTER kind DROP NOT NULL, ALTER source DROP NOT NULL,
                                         ALTER currency_id DROP NOT NULL;
            """
        )
        self.env.cr.execute(
            """
            INSERT INTO o2c_credit_limit (partner_id, company_id, amount, date_from, state, reason)
            VALUES (%(partner)s, %(company)s, 700, '2020-01-01', 'in_force', 'Old'),
                   (%(partner)s, %(company)s, 9000, '2020-01-01', 'draft', 'More'),
                   (%(partner)s, %(company)s, 8000, '2020-01-01', 'refused', 'Much')
            """,
            {"partner": self.customer.id, "company": self.company.id},
        )

    def test_approved_limits_stay_and_drafts_become_applications(self):
        self.make_old()
        self.migrate("pre")
        self.migrate("post")
        limits = self.env["o2c.credit.limit"]
        terms = limits.search([("partner_id", "=", self.customer.id)])
        currency = self.company.currency_id.id
        self.assertRecordValues(
            terms, [{"amount": 700.0, "kind": "regular", "source": "application", "currency_id": currency}]
        )
        self.assertEqual(limits._get_limit_amount(self.company, self.customer), 700.0)
        drafts = self.env["o2c.credit.application"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(sorted(drafts.mapped("amount")), [8000.0, 9000.0])
        self.assertEqual(set(drafts.mapped("state")), {"draft"})
        self.assertEqual(set(drafts.mapped("reason")), {"More", "Much"})

    def test_rules_of_the_watch_list_know_groups_afterwards(self):
        """Rows of groups have no customer: the old rules would show them to every salesperson."""
        names = ("credit_watch_rule_salesman", "credit_watch_line_rule_salesman")
        rules = self.env["ir.rule"].union(*(self.env.ref(f"o2c_credit.{name}") for name in names))
        domains = rules.mapped("domain_force")
        rules.domain_force = "['|', ('partner_id.user_id', '=', user.id), ('partner_id.user_id', '=', False)]"
        self.migrate("post", "19.0.2.1.0")
        self.assertEqual(rules.mapped("domain_force"), domains)
