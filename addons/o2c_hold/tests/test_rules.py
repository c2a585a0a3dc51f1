import doctest

from odoo.addons.o2c_hold.rules import effect, judgement, verdict
from odoo.tests import BaseCase, tagged


@tagged("post_install", "-at_install", "o2c")
class TestRules(BaseCase):
    """The pure rules are documented by examples, and the examples are true."""

    def test_examples(self):
        for module in (verdict, effect, judgement):
            with self.subTest(module=module.__name__):
                failed, tried = doctest.testmod(module)
                self.assertGreater(tried, 0)
                self.assertEqual(failed, 0)
