from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..rules.completeness import FIGURE_YEARS, RATING_MONTHS, get_missing, get_percent
from ..rules.validity import is_current


class CreditFile(models.Model):
    """How complete the file is, and what is still missing."""

    _inherit = "o2c.credit.file"

    _guarded_fields = ("completeness",)

    completeness = fields.Integer(
        string="Complete (%)",
        compute="_compute_completeness",
        store=True,
        aggregator="avg",
        help="Weight of what the file holds, of all that it should hold. What has expired counts as missing.",
    )
    missing = fields.Char(
        string="Still missing",
        compute="_compute_missing",
        help="What would complete the file, in the order of the form.",
    )

    # === COMPUTES === #

    @api.depends(
        "partner_id.vat",
        "partner_id.bank_ids",
        "legal_form",
        "registration_number",
        "licence_number",
        "licence_valid_until",
        "founded_on",
        "legal_representative",
        "registered_capital",
        "industry_id",
        "employees",
        "person_ids.signs_orders",
        "document_ids.valid_until",
        "figure_ids.year",
        "figure_ids.active",
        "rating_ids.date",
    )
    def _compute_completeness(self):
        for file in self:
            is_group = bool(file.corporate_group_id)
            file.completeness = get_percent(file._get_present_items(), is_group=is_group)

    @api.depends("completeness", "partner_id", "corporate_group_id")
    def _compute_missing(self):
        labels = self._get_item_labels()
        for file in self:
            outdated = file._get_outdated_reasons()
            items = get_missing(file._get_present_items(), is_group=bool(file.corporate_group_id))
            file.missing = ", ".join(outdated.get(item) or labels[item] for item in items)

    # === BUSINESS METHODS === #

    def _get_present_items(self):
        """Items of ``rules/completeness.py`` that the file holds today."""
        self.ensure_one()
        return {name for name, is_there in self._get_items().items() if is_there}

    def _get_items(self):
        """Each item with what stands for it; falsy when it is missing or has expired."""
        # A reader of the file may not see the bank accounts themselves.
        file = self.sudo()
        today = (file.company_id or self.env.company)._o2c_today()
        rated_since = today - relativedelta(months=RATING_MONTHS)
        return {
            "legal_form": file.legal_form,
            "registration_number": file.registration_number,
            "vat": file.partner_id.vat,
            "founded_on": file.founded_on,
            "legal_representative": file.legal_representative,
            "registered_capital": file.registered_capital,
            "licence": file.licence_number and is_current(today, None, file.licence_valid_until or None),
            "decision_maker": file.person_ids,
            "signatory": file.person_ids.filtered("signs_orders"),
            "bank": file.partner_id.bank_ids,
            "industry": file.industry_id,
            "employees": file.employees,
            "documents": file.document_ids.filtered(
                lambda document: is_current(today, None, document.valid_until or None)
            ),
            "figures": file.figure_ids.filtered(
                lambda figure: figure.active and figure.year >= today.year - FIGURE_YEARS
            ),
            "rating": file.rating_ids.filtered(lambda rating: rating.date and rating.date >= rated_since),
        }

    def _get_item_labels(self):
        return {
            "legal_form": self.env._("legal form"),
            "registration_number": self.env._("registration number"),
            "vat": self.env._("tax ID"),
            "founded_on": self.env._("day of foundation"),
            "legal_representative": self.env._("legal representative"),
            "registered_capital": self.env._("registered capital"),
            "licence": self.env._("licence"),
            "decision_maker": self.env._("decision makers"),
            "signatory": self.env._("who signs orders"),
            "bank": self.env._("bank account"),
            "industry": self.env._("industry"),
            "employees": self.env._("number of employees"),
            "documents": self.env._("documents"),
            "figures": self.env._("key figures"),
            "rating": self.env._("external rating"),
        }

    def _get_outdated_reasons(self):
        """Why an item counts as missing although something is there."""
        file = self.sudo()
        reasons = {}
        if file.licence_number and file.licence_valid_until:
            day = format_date(self.env, file.licence_valid_until)
            reasons["licence"] = self.env._("licence (ended on %s)", day)
        if file.document_ids:
            reasons["documents"] = self.env._("documents (all have expired)")
        if file.figure_ids:
            reasons["figures"] = self.env._(
                "key figures (the latest are of %s)", max(file.figure_ids.mapped("year"))
            )
        if file.rating_ids:
            day = format_date(self.env, max(file.rating_ids.mapped("date")))
            reasons["rating"] = self.env._("external rating (the latest is of %s)", day)
        return reasons

    @api.model
    def _cron_refresh_completeness(self):
        """Measure all files again: licences, documents, figures and ratings age by themselves."""
        files = self.sudo().search(Domain.TRUE)
        self.env.add_to_compute(self._fields["completeness"], files)
        files.flush_recordset(["completeness"])
