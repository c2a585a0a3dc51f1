from odoo import api, fields, models
from odoo.addons.o2c_hold.rules.effect import STOPPING
from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.exceptions import ValidationError

from ..rules.number import clean, is_valid

NUMBERED = ("out_invoice", "out_receipt", "out_refund")
CODE = "invoice_tax_number"


class AccountMove(models.Model):
    """Number of the tax invoice (fapiao) that was issued for an invoice."""

    _inherit = "account.move"

    o2c_tax_number = fields.Char(
        string="Tax invoice number",
        copy=False,
        tracking=True,
        help="Number of the tax invoice (fapiao): 8 digits on paper, 20 digits where it is electronic."
        " A number stands for one posted invoice of a company; a credit note may repeat that of the invoice"
        " which it reverses.",
    )

    _o2c_tax_number_idx = models.Index("(o2c_tax_number) WHERE o2c_tax_number IS NOT NULL")

    # === CHECKS === #

    @api.constrains("o2c_tax_number")
    def _check_o2c_tax_number(self):
        for move in self.filtered("o2c_tax_number"):
            if not is_valid(move.o2c_tax_number):
                raise ValidationError(self.env._(
                    "%s is no number of a tax invoice: write the 8 digits of a paper invoice, or the 20"
                    " digits of an electronic one.", move.o2c_tax_number))
        self.filtered(lambda move: move.state == "posted")._check_o2c_number_once()

    def _check_o2c_number_once(self):
        """Refuse a number that another posted invoice has, where the control enforces.

        :raise ValidationError: naming the other invoice
        """
        for move in self.filtered("o2c_tax_number"):
            setting = self.env["o2c.control"]._get_setting(CODE, move.company_id)
            twin = move._get_o2c_number_twin()
            if twin and setting.mode == "enforcing" and setting.severity in STOPPING:
                raise ValidationError(self.env._(
                    "Tax invoice number %(number)s belongs to %(invoice)s already.",
                    number=move.o2c_tax_number, invoice=twin.sudo().display_name))

    def _get_o2c_number_twin(self):
        """Another posted document of the company with the same number, storno aside."""
        self.ensure_one()
        twins = self.sudo().search([
            ("o2c_tax_number", "=", self.o2c_tax_number),
            ("company_id", "=", self.company_id.id),
            ("state", "=", "posted"),
            ("move_type", "in", NUMBERED),
            ("id", "!=", self._origin.id),
        ])
        return twins.filtered(
            lambda twin: twin.reversed_entry_id != self._origin and self.reversed_entry_id != twin)[:1]

    # === VERDICT === #

    def _get_o2c_number_verdicts(self):
        """`invoice_tax_number`: the number was used."""
        if not self.o2c_tax_number:
            return []
        twin = self._get_o2c_number_twin()
        if not twin:
            return []
        message = self.env._(
            "tax invoice number %(number)s belongs to %(invoice)s already.",
            number=self.o2c_tax_number, invoice=twin.display_name)
        return [Verdict(CODE, "hold", message, {self.env._("Other invoice"): twin.display_name})]

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_o2c_number(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_o2c_number(vals))

    @api.model
    def _clean_o2c_number(self, vals):
        """Numbers are kept without the blanks with which people write them."""
        if "o2c_tax_number" not in vals:
            return vals
        return {**vals, "o2c_tax_number": clean(vals["o2c_tax_number"]) or False}

    def _post(self, soft=True):
        """Credit notes pass no checkpoint; their numbers are looked at here."""
        notes = self.filtered(lambda move: move.move_type == "out_refund" and move.o2c_tax_number)
        notes._check_o2c_number_once()
        return super()._post(soft)
