from odoo import models

from ..rules.limit_formula import Basis, propose_limit
from ..rules.source import Question


class CreditGrading(models.Model):
    """Whose terms would change: compared set-based, drafted one application each."""

    _inherit = "o2c.credit.grading"

    # === BUSINESS METHODS === #

    def _get_terms(self, customers):
        """``{partner id: {credit_*: value}}`` of the terms in force today, in one statement."""
        limits = self.env["o2c.credit.limit"].sudo()
        return limits._read_terms(self.company_id.sudo(), customers.commercial_partner_id.ids)

    def _filter_by_terms(self, ids):
        """Of these customers, those without a valid grade, or whose grade ends soon."""
        terms = self.env["o2c.credit.limit"].sudo()._read_terms(self.company_id.sudo(), list(ids))
        today = self.company_id._o2c_today()
        if self.customers == "ungraded":
            return {key for key in ids if not self._has_valid_grade(terms.get(key))}
        partners = self.env["res.partner"].browse(ids)
        policies = self.env["o2c.credit.policy"]._match_many(self.company_id, partners, date=today)
        return {
            key
            for key in ids
            if key in terms and self._ends_soon(terms[key], today, policies[key].notice_days)
        }

    def _draft_applications(self, lines):
        """Draft an application for each customer whose grade or limit would change.

        Customers with an open application, or with a later score than that of the run, are left.
        """
        lines = lines.filtered(lambda line: line.score_id and line.grade_id)
        lines -= self._get_taken(lines)
        proposed = self._get_proposed_limits(lines)
        terms = self._get_terms(lines.partner_id)
        digits = self.company_id.currency_id
        changed = lines.filtered(
            lambda line: (
                line.change != "same"
                or digits.compare_amounts(
                    proposed[line.id], float((terms.get(line.partner_id.id) or {}).get("credit_limit") or 0.0)
                )
            )
        )
        applications = self.env["o2c.credit.application"]._draft_many(
            self.company_id, [self._prepare_application_vals(line) for line in changed]
        )
        for line, application in zip(changed, applications, strict=True):
            line._guarded_write({"application_id": application.id})

    def _prepare_application_vals(self, line):
        """Values of an application; its grade, limit and period follow from score and policy."""
        return {
            "partner_id": line.partner_id.id,
            "company_id": self.company_id.id,
            "score_id": line.score_id.id,
            "reason": self.env._(
                "Drafted by the grading %(run)s as of %(date)s.", run=self.name, date=self.date
            ),
        }

    # === HELPERS === #

    def _has_valid_grade(self, terms):
        if not terms or not terms["credit_grade_id"] or not terms["credit_limit_valid"]:
            return False
        return not terms["credit_is_expired"]

    def _ends_soon(self, terms, today, notice_days):
        ends = min(filter(None, (terms["credit_review_date"], terms["credit_limit_until"])), default=None)
        return bool(ends) and (self._to_date(ends) - today).days <= notice_days

    def _to_date(self, text):
        return self._fields["date"].to_date(text)

    def _get_taken(self, lines):
        """Lines of customers for whom there is nothing to draft."""
        open_ones = (
            self.env["o2c.credit.application"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("partner_id", "in", lines.partner_id.ids),
                    ("state", "in", ("draft", "requested")),
                ]
            )
        )
        latest = self.env["o2c.credit.score"]._get_latest_ids(self.company_id, lines.partner_id)
        current = set(latest.values())
        return lines.filtered(
            lambda line: line.partner_id in open_ones.partner_id or line.score_id.id not in current
        )

    def _get_proposed_limits(self, lines):
        """``{line id: limit}`` that the policy's formula gives to the proposed grade, company currency."""
        sources = self.env["o2c.credit.source"].sudo()
        today = self.company_id._o2c_today()
        question = Question(self.company_id.sudo(), tuple(lines.partner_id.ids), today)
        known = sources._get_values(question, ("monthly_sales", "file_net_worth"))
        policies = self.env["o2c.credit.policy"]._match_many(self.company_id, lines.partner_id, date=today)
        proposed = {}
        for line in lines:
            found = known[line.partner_id.id]
            monthly = found.get("monthly_sales")
            basis = Basis(
                yearly_sales=None if monthly is None else monthly * 12, net_worth=found.get("file_net_worth")
            )
            terms = policies[line.partner_id.id]._get_line_of(line.grade_id)
            proposed[line.id] = propose_limit(terms._get_formula(), basis).amount if terms else 0.0
        return proposed
