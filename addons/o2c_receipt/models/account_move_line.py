from odoo import api, fields, models
from odoo.addons.o2c_base.models.computed import refuse_computed

from ..rules.budget import Budget


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    o2c_receipt_move_id = fields.Many2one(
        "account.move",
        string="Entry of the receipt",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Whose money is kept here on the account for advances.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: nobody says whose money an item is"""
        self._check_o2c_receipt({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        """:raise AccessError: nobody says whose money an item is"""
        self._check_o2c_receipt(vals)
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        # Neither the context nor personal defaults say it.
        return super().default_get([name for name in fields if name != "o2c_receipt_move_id"])

    def _check_o2c_receipt(self, names):
        if "o2c_receipt_move_id" in names:
            refuse_computed(self, {"o2c_receipt_move_id"})

    def _link_o2c_receipt(self, receipt):
        """The hand of the transfer: past the check of :meth:`write`, and nothing but the link."""
        return super().write({"o2c_receipt_move_id": receipt.id})  # pylint: disable=super-method-mismatch

    # === BUSINESS METHODS === #

    def _get_o2c_receipt_move(self):
        """Entry of the receipt whose money the item is."""
        return self.o2c_receipt_move_id or self.move_id

    @api.model
    def _prepare_reconciliation_single_partial(self, debit_values, credit_values, shadowed_aml_values=None):
        """Match no more of a receipt with an invoice than the invoice's orders were given.

        The budget is an object of this process; whoever calls from outside can't send one, and it
        could only lessen what is matched.
        """
        budget = self.env.context.get("o2c_budget")
        if type(budget) is not Budget:
            return super()._prepare_reconciliation_single_partial(
                debit_values, credit_values, shadowed_aml_values=shadowed_aml_values)
        side, values, document = "credit_values", credit_values, debit_values
        if budget.get_available(credit_values["aml"].id, debit_values["aml"].move_id.id) is None:
            side, values, document = "debit_values", debit_values, credit_values
        key = (values["aml"].id, document["aml"].move_id.id)
        available = budget.get_available(*key)
        if available is None:
            return super()._prepare_reconciliation_single_partial(
                debit_values, credit_values, shadowed_aml_values=shadowed_aml_values)
        if values["aml"].currency_id.compare_amounts(available, 0) <= 0:
            return {"debit_values": debit_values, "credit_values": credit_values, side: None}
        hidden = self._hide_o2c_rest(values, available)
        before = values["amount_residual_currency"]
        result = super()._prepare_reconciliation_single_partial(
            debit_values, credit_values, shadowed_aml_values=shadowed_aml_values)
        budget.spend(*key, abs(before - values["amount_residual_currency"]))
        values["amount_residual"] += hidden[0]
        values["amount_residual_currency"] += hidden[1]
        return result

    @api.model
    def _hide_o2c_rest(self, values, available):
        """Leave only ``available`` of a journal item's residual; return what was hidden.

        In company currency its share is hidden, so that the rate of the item stays what it is.
        """
        line, whole = values["aml"], values["amount_residual_currency"]
        if line.currency_id.compare_amounts(available, abs(whole)) >= 0:
            return 0.0, 0.0
        part_currency = line.currency_id.round(available) * (1 if whole > 0 else -1)
        part = line.company_currency_id.round(values["amount_residual"] * part_currency / whole)
        hidden = values["amount_residual"] - part, whole - part_currency
        values["amount_residual"], values["amount_residual_currency"] = part, part_currency
        return hidden
