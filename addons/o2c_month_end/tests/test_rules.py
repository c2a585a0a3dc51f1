import doctest

from odoo.addons.o2c_month_end.rules import accrual, quantity
from odoo.tests import BaseCase, tagged


@tagged("post_install", "-at_install", "o2c")
class TestRules(BaseCase):
    def test_examples_of_the_rules(self):
        for module in (accrual, quantity):
            result = doctest.testmod(module)
            self.assertTrue(result.attempted)
            self.assertFalse(result.failed)
