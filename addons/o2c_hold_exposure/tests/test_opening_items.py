"""Open items of an imported ledger pass the controls of invoices; what only looks like one does not."""

from odoo import Command
from odoo.addons.o2c_exposure.tests.ledger_common import LedgerCommon
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestOpeningItems(LedgerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        setting = cls.env["o2c.control.setting"].search(
            [("control_id.code", "=", "invoice_without_order"), ("company_id", "=", cls.company.id)]
        )
        setting.write({"mode": "enforcing", "severity": "hold"})
        cls.biller = cls._user("opening_biller", "account.group_account_invoice")

    def test_imported_items_are_posted_without_hold(self):
        ledger = self._book(self._import([self._row("1"), self._row("2")]))
        self.assertEqual((ledger.move_count, ledger.error_count), (2, 0))
        self.assertFalse(self._moves("1").o2c_hold_ids)

    def test_invoice_by_hand_in_the_opening_journal_is_held(self):
        ledger = self._book(self._import([self._row("1")]))
        invoice = (
            self.env["account.move"]
            .with_user(self.biller)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "journal_id": ledger.journal_id.id,
                    "invoice_date": "2024-06-01",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Not imported",
                                "price_unit": 57500.0,
                                "tax_ids": False,
                                "account_id": ledger.opening_account_id.id,
                            }
                        )
                    ],
                }
            )
        )
        invoice.action_post()
        self.assertEqual(invoice.state, "draft")
        self.assertEqual(invoice.sudo().o2c_hold_ids.mapped("code"), ["invoice_without_order"])

    def test_edited_item_is_an_ordinary_invoice_again(self):
        self._book(self._import([self._row("1")]))
        move = self._moves("1").with_user(self.biller)
        move.button_draft()
        move.invoice_line_ids.price_unit = 57500.0
        move.action_post()
        self.assertEqual(move.state, "draft")
        move.invoice_line_ids.price_unit = 100.0
        move.action_post()
        self.assertEqual(move.state, "posted")
