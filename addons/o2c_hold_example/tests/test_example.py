import re

from odoo.addons.o2c_hold.tests.common import HoldCommon
from odoo.tests import tagged
from odoo.tools.misc import file_open


@tagged("post_install", "-at_install", "o2c")
class TestExample(HoldCommon):
    """The control that the readme of o2c_hold shows, and that it shows this one."""

    def test_order_without_reference_waits(self):
        self.set_control("order_reference_missing")
        order = self.make_order(100)
        order.action_confirm()
        self.assertEqual((order.state, self.get_holds(order).code), ("draft", "order_reference_missing"))
        order.client_order_ref = "PO-1"
        order.action_confirm()
        self.assertEqual((order.state, self.get_holds(order).state), ("sale", "cleared"))

    def test_readme_shows_these_files_and_they_are_short(self):
        with file_open("o2c_hold/readme/USAGE.md") as readme:
            shown = re.findall(r"```(?:python|xml)\n(.*?)```", readme.read(), re.DOTALL)
        files = []
        for path in ("models/sale_order.py", "data/control_data.xml"):
            with file_open(f"o2c_hold_example/{path}") as file:
                files.append(file.read())
        self.assertEqual(shown, files)
        self.assertLess(sum(len(file.splitlines()) for file in files), 30)
