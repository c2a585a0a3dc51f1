from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..rules.validity import NOTICE_DAYS, get_validity


class CreditFileDocument(models.Model):
    """A paper about the customer, with the day on which it ends."""

    _name = "o2c.credit.file.document"
    _inherit = ["o2c.credit.evidence.mixin"]
    _description = "Document"
    _order = "valid_until, id"

    file_id = fields.Many2one("o2c.credit.file", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="file_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="file_id.partner_id")
    kind = fields.Selection(
        [
            ("licence", "Business licence"),
            ("registration", "Extract from the register"),
            ("tax", "Tax registration"),
            ("articles", "Articles of association"),
            ("authority", "Power of attorney"),
            ("accounts", "Annual accounts"),
            ("bank", "Bank reference"),
            ("permit", "Permit of the trade"),
            ("other", "Other"),
        ],
        string="Type",
        required=True,
        default="licence",
    )
    name = fields.Char(string="Number", help="Number or title of the paper.")
    issued_on = fields.Date(string="Issued")
    valid_until = fields.Date(
        string="Valid until", index=True, help="Last day on which it is good. Empty: it does not end."
    )
    attachment = fields.Binary(string="Scan", attachment=True)
    attachment_name = fields.Char(string="File name")
    state = fields.Selection(
        [("valid", "Valid"), ("expiring", "Expires soon"), ("expired", "Expired")],
        compute="_compute_state",
        search="_search_state",
        help="On today's date of the company. Documents that end within 30 days expire soon.",
    )

    _dates_in_order = models.Constraint(
        "CHECK (valid_until IS NULL OR issued_on IS NULL OR valid_until >= issued_on)",
        "A document can't end before it was issued.",
    )

    # === COMPUTES === #

    @api.depends("kind", "name")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for document in self:
            document.display_name = " ".join(filter(None, (labels.get(document.kind), document.name)))

    @api.depends("valid_until", "company_id")
    def _compute_state(self):
        for document in self:
            company = document.company_id or self.env.company
            document.state = get_validity(company._o2c_today(), document.valid_until or None)

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        companies = self.env["res.company"].sudo().search(Domain.TRUE)
        return Domain.OR(
            Domain("company_id", "in", owners.ids) & self._get_state_domain(today, value)
            for today, owners in companies.grouped(lambda company: company._o2c_today()).items()
        )

    @api.model
    def _get_state_domain(self, today, states):
        """Documents of one of the states on a day; the last day itself is still good."""
        notice = today + timedelta(days=NOTICE_DAYS)
        domains = {
            "valid": Domain("valid_until", "=", False) | Domain("valid_until", ">", notice),
            "expiring": Domain("valid_until", ">=", today) & Domain("valid_until", "<=", notice),
            "expired": Domain("valid_until", "<", today),
        }
        return Domain.OR(domains[state] for state in states if state in domains)
