import doctest

from odoo.tests import BaseCase

from ..rules import completeness, figures, validity, value_class, watch


class TestCreditRules(BaseCase):
    def test_examples_in_the_docstrings(self):
        for module in (completeness, figures, validity, value_class, watch):
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 0)
                self.assertEqual(result.failed, 0)
