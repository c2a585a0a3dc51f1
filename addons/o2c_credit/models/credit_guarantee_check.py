from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from .credit_guarantee import TERMS

# Somebody else than the customer stands for the debt.
WITH_GUARANTOR = ("third_party", "letter_of_credit", "insurance")


class CreditGuarantee(models.Model):
    """What a guarantee has to be before anybody judges it, and that it stays so."""

    _inherit = "o2c.credit.guarantee"

    # === CHECKS === #

    @api.constrains("replaces_id", "partner_id", "corporate_group_id", "company_id")
    def _check_replaces(self):
        same = ("partner_id", "corporate_group_id", "company_id")
        for guarantee in self.filtered("replaces_id"):
            old = guarantee.replaces_id
            if old == guarantee or any(old[name] != guarantee[name] for name in same):
                raise ValidationError(
                    self.env._("%s secures somebody else and can't be replaced by this guarantee.", old.name)
                )

    def _guard_check_write(self, vals):
        fixed = self.filtered(lambda guarantee: guarantee.state != "draft")
        if fixed and (terms := set(TERMS).intersection(vals)):
            fixed._guard_refuse("write", terms)
        super()._guard_check_write(vals)

    def _check_is_draft(self):
        fixed = self.filtered(lambda guarantee: guarantee.state != "draft")
        if fixed:
            raise UserError(
                self.env._(
                    "%s was submitted and can't be changed any more. Make a guarantee that replaces it.",
                    fixed[0].display_name,
                )
            )

    def _check_complete(self):
        """Refuse to submit what can't be judged.

        :raise UserError: naming what is missing
        """
        for guarantee in self:
            if guarantee.currency_id.compare_amounts(guarantee.value, 0) <= 0:
                raise UserError(self.env._("%s has no value.", guarantee.display_name))
            if guarantee.kind in WITH_GUARANTOR and not guarantee.guarantor_id:
                raise UserError(
                    self.env._("Who stands for the debt? %s needs a guarantor.", guarantee.display_name)
                )
            if guarantee.date_to and guarantee.date_to < guarantee.company_id._o2c_today():
                raise UserError(
                    self.env._(
                        "%(guarantee)s ended on %(day)s already.",
                        guarantee=guarantee.display_name,
                        day=format_date(self.env, guarantee.date_to),
                    )
                )
