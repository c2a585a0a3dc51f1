from odoo import models
from odoo.tools import format_date

from .credit_file_figure import AMOUNTS


class CreditApplication(models.Model):
    """What the credit file and the guarantees say about an application."""

    _inherit = "o2c.credit.application"

    def _get_guarantee_rows(self):
        """Guarantees that count today, and what they come to."""
        guarantees = self._get_guarantees()
        covers = guarantees._get_cover_values()
        rows = [
            (self._format_guarantee(guarantee), self._format_company(covers[guarantee.id]))
            for guarantee in guarantees
        ]
        added = sum(covers[guarantee.id] for guarantee in guarantees.filtered("adds_to_limit"))
        rows.append((self.env._("Cover by guarantees"), self._format_company(sum(covers.values())), True))
        if added:
            rows.append((self.env._("Of it on top of the limit"), self._format_company(added)))
        return [*super()._get_guarantee_rows(), *rows]

    def _get_guarantees(self):
        """Guarantees of the customer and of its group, or of the group, that count today."""
        group = self.corporate_group_id or self.partner_id.o2c_corporate_group_id
        guarantees = self.env["o2c.credit.guarantee"].sudo()
        return guarantees.search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "in_force"),
                "|",
                ("partner_id", "in", self.partner_id._origin.ids),
                ("corporate_group_id", "in", group._origin.ids),
            ]
        ).filtered("is_counted")

    def _format_guarantee(self, guarantee):
        kinds = dict(guarantee._fields["kind"]._description_selection(self.env))
        if not guarantee.date_to:
            return f"{guarantee.name}, {kinds[guarantee.kind]}"
        return self.env._(
            "%(number)s, %(kind)s until %(day)s",
            number=guarantee.name,
            kind=kinds[guarantee.kind],
            day=format_date(self.env, guarantee.date_to),
        )

    def _get_evidence_fingerprint(self):
        """Figures and ratings of the file: what the terms were found from. Addresses and notes may change."""
        file = self._get_file()
        return {
            **super()._get_evidence_fingerprint(),
            "file": file.id,
            "figures": [
                [figure.year, figure.currency_id.name, *(figure[name] for name in AMOUNTS)]
                for figure in file.figure_ids.sorted("id")
            ],
            "ratings": [
                [rating.agency, rating.grade, rating.score, str(rating.date)]
                for rating in file.rating_ids.sorted("id")
            ],
        }
