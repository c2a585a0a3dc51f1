from odoo import api, fields, models
from odoo.exceptions import ValidationError


def get_subject_vals(subject):
    """Values of the two fields for a customer or a corporate group."""
    is_group = subject._name == "o2c.corporate.group"
    return {
        "partner_id": False if is_group else subject.id,
        "corporate_group_id": subject.id if is_group else False,
    }


class CreditSubjectMixin(models.AbstractModel):
    """Whose credit a document is about: a customer or a corporate group, and exactly one of them.

    The customer is the company that owes, never its contact. The company is one that holds limits:
    branches share what is decided there.
    """

    _name = "o2c.credit.subject.mixin"
    _description = "Customer or corporate group"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('parent_id', '=', False), ('company_id', 'in', [False, company_id])]",
        help="The company that owes. Its contacts share what is decided about it.",
    )
    corporate_group_id = fields.Many2one(
        "o2c.corporate.group",
        string="Corporate group",
        index="btree_not_null",
        ondelete="restrict",
        help="Instead of a customer: companies that are one risk.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company.o2c_exposure_company_id,
        help="The company that sells. Branches share what is decided by the company that holds the limits.",
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")

    _subject_one = models.Constraint(
        "CHECK (num_nonnulls(partner_id, corporate_group_id) = 1)",
        "Choose either a customer or a corporate group.",
    )

    # === CHECKS === #

    @api.constrains("partner_id")
    def _check_partner_is_debtor(self):
        for record in self:
            debtor = record.partner_id.commercial_partner_id
            if record.partner_id != debtor:
                raise ValidationError(
                    self.env._(
                        "%(contact)s does not owe: choose %(debtor)s, the company of this contact.",
                        debtor=debtor.display_name,
                        contact=record.partner_id.display_name,
                    )
                )

    @api.constrains("company_id")
    def _check_company_holds_limits(self):
        for record in self:
            root = record.company_id.sudo().o2c_exposure_company_id
            if record.company_id != root:
                raise ValidationError(
                    self.env._(
                        "%(branch)s shares limits, files and guarantees of %(root)s. Choose that company.",
                        root=root.name,
                        branch=record.company_id.name,
                    )
                )

    # === ACTIONS === #

    def action_open_partner(self):
        """Open the customer, or the corporate group."""
        self.ensure_one()
        self.check_access("read")
        return self._get_subject().get_formview_action()

    # === BUSINESS METHODS === #

    def _get_subject(self):
        """Whom it is about: the customer or the corporate group."""
        self.ensure_one()
        return self.partner_id or self.corporate_group_id

    def _get_customers(self):
        """The customers concerned: the one, or the members of the group."""
        self.ensure_one()
        return self.partner_id or self.corporate_group_id.sudo().partner_ids
