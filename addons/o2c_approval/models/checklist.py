from odoo import api, models
from odoo.addons.o2c_base.models.checklist import Finding


class Checklist(models.Model):
    _inherit = "o2c.checklist"

    @api.model
    def _get_finding_authority(self, company):
        """Each kind of document has a row for any amount, and each row a person who may sign."""
        authority = self.env["o2c.authority"]
        kinds = dict(authority._selection_kind())
        rows = {kind: authority._get_rows(kind, company) for kind in kinds}
        open_kinds = [kinds[kind] for kind, found in rows.items() if not any(found.mapped("is_unlimited"))]
        if open_kinds:
            return Finding("todo", self.env._(
                "No row covers any amount for: %s. Such requests are refused.", ", ".join(open_kinds)))
        all_rows = authority.union(*rows.values())
        unheld = all_rows.filtered(lambda row: not self._get_holders(row.group_id, company))
        if unheld:
            return Finding("todo", self.env._(
                "Nobody can sign: %s", "; ".join(unheld.mapped("display_name"))))
        return Finding("done", self.env._(
            "%(rows)s rows cover any amount of %(kinds)s kinds.", rows=len(all_rows), kinds=len(kinds)))

    @api.model
    def _get_finding_segregation(self, company):
        """Nobody holds two duties that exclude each other."""
        rules = self.env["o2c.segregation.rule"].search_count([])
        conflicts = self.env["o2c.segregation.conflict"].search_count([])
        if not rules:
            return Finding("todo", self.env._("No duties are kept apart."))
        if conflicts:
            return Finding("attention", self.env._(
                "%(conflicts)s conflicts under %(rules)s rules.", conflicts=conflicts, rules=rules))
        return Finding("done", self.env._("Nobody breaks the %s rules.", rules))
