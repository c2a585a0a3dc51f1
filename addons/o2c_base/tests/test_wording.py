from odoo.addons.o2c_base.models.wording import join_names, join_sentences
from odoo.tests import tagged

from .common import O2cCommon


@tagged("post_install", "-at_install")
class TestWording(O2cCommon):

    def test_sentences_follow_each_other_and_empty_ones_are_left_out(self):
        self.assertEqual(join_sentences(self.env, ["One.", "", "Two.", None, "Three."]), "One. Two. Three.")
        self.assertEqual(join_sentences(self.env, []), "")

    def test_names_are_listed(self):
        self.assertEqual(join_names(self.env, ["a", "b", "c"]), "a, b, c")
        self.assertEqual(join_names(self.env, ["100%", "b"]), "100%, b")
        self.assertEqual(join_names(self.env, []), "")
