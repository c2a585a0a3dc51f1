import doctest

from odoo.tests import BaseCase

from ..rules import ageing, behaviour, exposure


class TestExposureRules(BaseCase):
    def test_published_examples(self):
        """Worked examples 7, 12, 13 and 14 stand in the docstrings."""
        for module in (ageing, behaviour, exposure):
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 0)
                self.assertEqual(result.failed, 0)
