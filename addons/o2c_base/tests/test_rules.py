import doctest

from odoo.addons.o2c_base.rules import policy_match, seal
from odoo.tests import BaseCase, tagged


@tagged("post_install", "-at_install")
class TestRules(BaseCase):

    def test_examples_in_the_docstrings_are_true(self):
        for module in (policy_match, seal):
            result = doctest.testmod(module)
            self.assertGreater(result.attempted, 0)
            self.assertEqual(result.failed, 0)
