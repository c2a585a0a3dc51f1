import doctest

from odoo.tests import BaseCase, tagged

from ..rules import budget, ratio, schedule, share, suggest


@tagged("post_install", "-at_install", "o2c")
class TestRules(BaseCase):
    def test_examples_of_the_rules_hold(self):
        for module in (budget, ratio, schedule, share, suggest):
            results = doctest.testmod(module)
            self.assertTrue(results.attempted, module.__name__)
            self.assertFalse(results.failed, module.__name__)
