from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CreditFilePerson(models.Model):
    """Somebody who decides at the customer."""

    _name = "o2c.credit.file.person"
    _inherit = ["o2c.credit.evidence.mixin"]
    _description = "Decision maker"
    _order = "sequence, id"

    file_id = fields.Many2one("o2c.credit.file", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="file_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    contact_id = fields.Many2one(
        "res.partner", ondelete="set null", help="The contact, when it is known to Odoo."
    )
    name = fields.Char(
        compute="_compute_from_contact", store=True, readonly=False, precompute=True, required=True
    )
    role = fields.Char(help="What the person is: owner, managing director, head of purchasing.")
    phone = fields.Char(compute="_compute_from_contact", store=True, readonly=False, precompute=True)
    email = fields.Char(compute="_compute_from_contact", store=True, readonly=False, precompute=True)
    signs_orders = fields.Boolean(
        string="Signs orders", help="May bind the customer by an order or a contract."
    )
    signs_payments = fields.Boolean(string="Decides payments", help="Decides when bills are paid.")
    note = fields.Char()

    # === COMPUTES === #

    @api.depends("contact_id")
    def _compute_from_contact(self):
        for person in self:
            contact = person.contact_id
            person.name = contact.name or person.name
            person.phone = contact.phone or person.phone
            person.email = contact.email or person.email

    # === CHECKS === #

    @api.constrains("contact_id")
    def _check_contact(self):
        for person in self.sudo():
            owner = person.file_id.partner_id
            if owner and person.contact_id and person.contact_id.commercial_partner_id != owner:
                raise ValidationError(
                    self.env._(
                        "%(person)s is no contact of %(customer)s.",
                        person=person.contact_id.display_name,
                        customer=owner.display_name,
                    )
                )
