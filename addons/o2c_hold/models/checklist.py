from odoo import api, models
from odoo.addons.o2c_base.models.checklist import Finding


class Checklist(models.Model):
    _inherit = "o2c.checklist"

    @api.model
    def _get_finding_controls(self, company):
        """How many controls look, and how many stop documents."""
        modes = self.env["o2c.control.setting"]._read_group(
            [("company_id", "=", company.root_id.id)], ["mode"], ["__count"])
        counts = {"off": 0, "observing": 0, "enforcing": 0, **dict(modes)}
        text = self.env._(
            "%(enforcing)s enforce, %(observing)s observe, %(off)s are off.", **counts)
        if not counts["enforcing"] and not counts["observing"]:
            return Finding("todo", text)
        return Finding("attention" if counts["observing"] else "done", text)
