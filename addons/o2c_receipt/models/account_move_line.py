from odoo import api, models

from ..rules.budget import Budget


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

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
