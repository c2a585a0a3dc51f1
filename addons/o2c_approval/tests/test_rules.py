import doctest

from odoo.addons.o2c_approval.rules import circle, fingerprint, ladder
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install", "o2c")
class TestRules(TransactionCase):
    def test_published_examples_in_the_rules_hold(self):
        for module in (ladder, circle, fingerprint):
            result = doctest.testmod(module)
            self.assertGreater(result.attempted, 3, module.__name__)
            self.assertEqual(result.failed, 0, module.__name__)

    def test_excess_of_1000_is_released_by_the_officer_and_one_cent_more_goes_up(self):
        """Worked example 11: limit 5,000, authority over the limit 1,000."""
        table = [ladder.Level(1, 1000.0), ladder.Level(2, 10000.0)]
        limit = 5000.0
        for exposure, role in ((6000.0, 1), (6000.01, 2), (5000.01, 1), (15000.0, 2)):
            steps = ladder.plan_steps(table, round(exposure - limit, 2), mode=ladder.DIRECT)
            self.assertEqual([step.role for step in steps], [role], exposure)
        with self.assertRaises(ladder.UncoveredAmountError):
            ladder.plan_steps(table, 10000.01, mode=ladder.DIRECT)

    def test_order_of_rows_does_not_matter(self):
        table = [ladder.Level(3), ladder.Level(1, 10.0), ladder.Level(2, 100.0)]
        self.assertEqual([step.role for step in ladder.plan_steps(table, 50.0)], [1, 2])

    def test_negative_amount_and_unknown_mode_are_errors(self):
        with self.assertRaises(ValueError):
            ladder.plan_steps([ladder.Level(1)], -0.01)
        with self.assertRaises(ValueError):
            ladder.plan_steps([ladder.Level(1)], 1.0, mode="any")

    def test_currency_without_decimals_compares_whole_units(self):
        table = [ladder.Level(1, 1000.0), ladder.Level(2)]
        steps = ladder.plan_steps(table, 1000.4, mode=ladder.DIRECT, rounding=1.0)
        self.assertEqual([step.role for step in steps], [1])

    def test_persons_who_block_each_other_are_found(self):
        self.assertEqual(circle.find_unstaffed([{1, 2}, {2, 3}, {1, 3}, {1, 2, 3}]), 3)
        self.assertIsNone(circle.find_unstaffed([{1, 2}, {2, 3}, {1, 3}, {1, 2, 3, 4}]))
