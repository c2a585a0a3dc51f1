"""Journals that hold the opening items of an imported ledger."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# Reads any number as one that never restarts: the numbers come from the former system, and one like
# 2013-02-0007 says nothing about the date of the entry.
OPENING_SEQUENCE_REGEX = r"^(?P<prefix1>.*?)(?P<seq>\d{0,9})(?P<suffix>\D*?)$"


class AccountJournal(models.Model):
    """`o2c_is_opening`: the invoices are taken over from another system, not issued here."""

    _name = "account.journal"
    _inherit = ["o2c.guarded.mixin", "account.journal"]
    _guarded_fields = ("o2c_is_opening",)
    _guarded_create_allowed = True
    _guarded_unlink_allowed = True

    o2c_is_opening = fields.Boolean(
        string="Opening items of receivables",
        readonly=True,
        copy=False,
        help="Holds customer invoices of a former system, booked by the import of a receivables ledger. "
        "Order-to-Cash controls don't stop those. Set by a policy administrator only.",
    )

    # ------------------------------------------------------------------ actions

    def action_o2c_set_opening(self):
        """Mark a sales journal as opening journal. Policy administrators only; registered."""
        self._check_o2c_may_flag()
        for journal in self:
            journal._check_o2c_can_be_opening()
            journal.sudo()._guarded_write(
                {"o2c_is_opening": True, "sequence_override_regex": OPENING_SEQUENCE_REGEX}
            )
            journal._o2c_log_opening(self.env._("Marked as opening journal."))

    def action_o2c_unset_opening(self):
        """Make an opening journal an ordinary one. Policy administrators only; registered."""
        self._check_o2c_may_flag()
        for journal in self:
            journal.sudo()._guarded_write({"o2c_is_opening": False})
            journal._o2c_log_opening(self.env._("No longer an opening journal."))

    # ------------------------------------------------------------------ checks

    def _check_o2c_may_flag(self):
        self.check_access("read")
        if not self.env.user.has_group("o2c_base.group_policy_administrator"):
            raise AccessError(
                self.env._("Only a policy administrator decides which journal is an opening journal.")
            )

    def _check_o2c_can_be_opening(self):
        """An ordinary sales journal with its own invoices would let them out of the controls."""
        self.ensure_one()
        if self.type != "sale":
            raise UserError(
                self.env._("%s is not a sales journal: customer invoices need one.", self.display_name)
            )
        if self.env["account.move"].sudo().search_count([("journal_id", "=", self.id)], limit=1):
            raise UserError(
                self.env._(
                    "Journal %s holds entries already. Make a new sales journal for opening items.",
                    self.display_name,
                )
            )

    # ------------------------------------------------------------------ business

    @api.model
    def _get_o2c_opening_journal(self, company):
        """The company's opening journal for receivables, created when there is none yet."""
        journals = self.sudo().with_company(company)
        found = journals.search(
            [("company_id", "=", company.id), ("o2c_is_opening", "=", True), ("type", "=", "sale")], limit=1
        )
        return found or journals._create_o2c_opening_journal(company)

    def _create_o2c_opening_journal(self, company):
        journal = self.create(
            {
                "name": self.env._("Opening receivables"),
                "code": self._get_o2c_free_code(company),
                "type": "sale",
                "company_id": company.id,
                "show_on_dashboard": False,
                "refund_sequence": False,
                "sequence_override_regex": OPENING_SEQUENCE_REGEX,
            }
        )
        journal._guarded_write({"o2c_is_opening": True})
        journal._o2c_log_opening(self.env._("Created for the import of a receivables ledger."))
        return journal

    def _get_o2c_free_code(self, company):
        used = set(
            self.with_context(active_test=False).search([("company_id", "=", company.id)]).mapped("code")
        )
        candidates = ["OPEN", *(f"OPEN{digit}" for digit in range(1, 10))]
        free = next((code for code in candidates if code not in used), None)
        if not free:
            raise UserError(self.env._("All journal codes from OPEN to OPEN9 are taken in %s.", company.name))
        return free

    def _o2c_log_opening(self, message):
        self.env["o2c.register"]._log(self, "opening_journal", message, company=self.company_id)
