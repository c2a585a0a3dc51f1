import doctest

from odoo.addons.o2c_invoice_gate.rules import gate, number, ratio_text
from odoo.tests import BaseCase, tagged


@tagged("post_install", "-at_install", "o2c")
class TestRules(BaseCase):
    def test_examples_of_the_rules(self):
        for module in (gate, number, ratio_text):
            with self.subTest(module.__name__):
                result = doctest.testmod(module)
                self.assertTrue(result.attempted)
                self.assertFalse(result.failed)
