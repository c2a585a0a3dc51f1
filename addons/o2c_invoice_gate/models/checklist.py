from odoo import api, models
from odoo.addons.o2c_base.models.checklist import Finding


class Checklist(models.Model):
    _inherit = "o2c.checklist"

    @api.model
    def _get_finding_invoice_policy(self, company):
        """An invoice policy for everybody is in force."""
        return self._find_policy("o2c.invoice.policy", company)

    @api.model
    def _get_finding_invoice_authority(self, company):
        """Somebody may sign invoice applications of any amount, and exceptions."""
        authority, missing = self.env["o2c.authority"], []
        kinds = dict(self.env["o2c.request"]._fields["kind"]._description_selection(self.env))
        for kind in ("invoice_application", "invoice_exception"):
            rows = authority._get_rows(kind, company)
            if not any(row.is_unlimited for row in rows):
                missing.append(kinds[kind])
        if not missing:
            return Finding("done", self.env._("The authority table names who signs, for any amount."))
        return Finding("todo", self.env._(
            "The authority table has no row without an upper amount for: %s.", ", ".join(missing)))

    @api.model
    def _get_finding_invoice_controls(self, company):
        """The controls of the invoice are enforced."""
        controls = self.env["o2c.control"]
        codes = ("invoice_ratio", "invoice_application", "invoice_three_way")
        modes = [controls._get_setting(code, company).mode for code in codes]
        enforced = modes.count("enforcing")
        if enforced == len(codes):
            return Finding("done", self.env._("Collected share, signature and three-way match are enforced."))
        return Finding("attention" if "off" not in modes else "todo", self.env._(
            "%(enforced)s of %(total)s controls of the invoice are enforced; the others observe or are off.",
            enforced=enforced, total=len(codes)))
