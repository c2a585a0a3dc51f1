from odoo import fields
from odoo.addons.o2c_hold.models.facts import STATEMENT_PREFIX, STATEMENTS_KEPT, FactPart
from odoo.tests import tagged
from odoo.tools import SQL

from .common import HoldCommon


@tagged("post_install", "-at_install", "o2c")
class TestFacts(HoldCommon):
    """The statement of a checkpoint is prepared by the database, and nothing goes wrong by that."""

    def get_facts(self, *partners):
        keys = [(self.env.company.id, partner.id) for partner in partners or [self.customer]]
        return self.env["o2c.facts"]._get_facts(keys, "order", fields.Date.today())

    def get_prepared(self):
        rows = self.env.execute_query(
            SQL("SELECT name FROM pg_prepared_statements WHERE starts_with(name, %s)", STATEMENT_PREFIX)
        )
        return {name for [name] in rows}

    def replace_part(self, part):
        self.patch(self.registry["o2c.facts"], "_fact_parts", lambda facts, checkpoint: [part])
        self.registry.clear_cache()
        self.addCleanup(self.registry.clear_cache)

    def deallocate(self):
        for name in self.get_prepared():
            self.env.cr.execute(SQL("DEALLOCATE %s", SQL.identifier(name)))

    def test_second_call_uses_the_statement_of_the_first(self):
        self.deallocate()
        first = self.get_facts()
        prepared = self.get_prepared()
        self.assertEqual(len(prepared), 1)
        self.assertEqual(self.get_facts(), first)
        self.assertEqual(self.get_prepared(), prepared)

    def test_facts_cost_one_query_prepared_or_not(self):
        self.get_facts()
        for prepared in (True, False):
            with self.subTest(prepared=prepared):
                if not prepared:
                    self.deallocate()
                with self.assertQueryCount(1):
                    self.get_facts()

    def test_statement_that_is_gone_is_prepared_again(self):
        """As after a reconnection, or behind a pooler that gave the transaction another connection."""
        before = self.get_facts()
        self.deallocate()
        self.assertEqual(self.get_facts(), before)

    def test_facts_after_rolled_back_savepoint(self):
        self.deallocate()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            before = self.get_facts()
            raise ZeroDivisionError
        self.assertEqual(self.get_facts(), before)

    def test_facts_follow_documents_and_keys(self):
        other = self.make_customer("Other customer")
        self.get_facts()
        self.make_confirmed(300.0)
        self.make_confirmed(500.0, partner=other)
        together = self.get_facts(self.customer, other)
        self.assertEqual(len(together), 2)
        for partner, amount in ((self.customer, 300.0), (other, 500.0)):
            key = (self.env.company.id, partner.id)
            self.assertAlmostEqual(together[key]["test_confirmed"], amount)
            self.assertEqual(self.get_facts(partner), {key: together[key]})

    def test_signs_of_the_database_in_a_part(self):
        self.replace_part(FactPart({"sign": SQL("'50 %% $1 $$' || %s", "x'%y\\z")}))
        facts = self.get_facts()
        self.assertEqual(facts[self.env.company.id, self.customer.id]["sign"], "50 % $1 $$x'%y\\z")

    def test_facts_after_a_column_was_added(self):
        before = self.get_facts()
        self.env.cr.execute("ALTER TABLE sale_order ADD COLUMN o2c_test_column integer")
        self.assertEqual(self.get_facts(), before)

    def test_old_statements_are_dropped(self):
        for number in range(STATEMENTS_KEPT + 5):
            self.replace_part(FactPart({"number": SQL("%s", number)}))
            self.assertEqual(self.get_facts()[self.env.company.id, self.customer.id]["number"], number)
        self.assertEqual(len(self.get_prepared()), STATEMENTS_KEPT)
