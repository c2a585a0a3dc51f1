from odoo import api, models
from odoo.addons.o2c_base.models.checklist import Finding
from odoo.addons.o2c_base.models.wording import join_names


class Checklist(models.Model):
    _inherit = "o2c.checklist"

    @api.model
    def _get_finding_accrual_accounts(self, company):
        """The accounts that the month-end run needs are named."""
        gaps = company._get_o2c_accrual_gaps()
        if gaps:
            return Finding("todo", self.env._("Missing: %s.", join_names(self.env, gaps)))
        return Finding("done", self.env._(
            "Contract assets in %(asset)s, contract liabilities in %(liability)s.",
            asset=company.o2c_contract_asset_account_id.display_name,
            liability=company.o2c_contract_liability_account_id.display_name))

    @api.model
    def _get_finding_accrual_run(self, company):
        """The last month was booked."""
        runs = self.env["o2c.accrual.run"]
        if not company.o2c_accrual_active:
            return Finding("todo", self.env._("The month-end run is off."))
        day = runs.with_company(company)._get_default_date()
        done = runs.search_count(
            [("company_id", "=", company.id), ("date", "=", day), ("state", "=", "done")], limit=1)
        if done:
            return Finding("done", self.env._("%s is booked.", day))
        return Finding("attention", self.env._("%s is not booked yet.", day))

    @api.model
    def _get_finding_quantity_check(self, company):
        """The quantities of the last month were signed by both sides."""
        day = self.env["o2c.accrual.run"].with_company(company)._get_default_date()
        check = self.env["o2c.quantity.check"].search(
            [("company_id", "=", company.id), ("date", "=", day)], limit=1)
        if check.state == "signed":
            return Finding("done", self.env._("%s is signed by warehouse and finance.", day))
        return Finding("attention", self.env._("%s is not signed off.", day))
