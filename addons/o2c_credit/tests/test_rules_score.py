import doctest

from odoo.tests import BaseCase

from ..rules import score, scorecard_check, source


class TestScoreRules(BaseCase):
    def test_examples_in_the_docstrings(self):
        for module in (score, scorecard_check, source):
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 0)
                self.assertEqual(result.failed, 0)
