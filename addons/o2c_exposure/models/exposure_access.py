from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

FULL_READERS = (
    "o2c_base.group_o2c_user",
    "account.group_account_readonly",
    "account.group_account_invoice",
    "sales_team.group_sale_salesman_all_leads",
)
OWN_READER = "sales_team.group_sale_salesman"
READERS = ",".join((*FULL_READERS, OWN_READER))


class O2cExposure(models.AbstractModel):
    """Who may see figures of customers, and the documents behind a figure."""

    _inherit = "o2c.exposure"

    # -------------------------------------------------------------------------
    # Rights
    # -------------------------------------------------------------------------

    @api.model
    def _check_reader(self):
        """Refuse users who have no business with customers' figures."""
        if not self.env.su and not any(map(self.env.user.has_group, (*FULL_READERS, OWN_READER))):
            raise AccessError(self.env._(
                "Customers' exposure is for sales, accounting and the roles of order-to-cash control."
                " Ask your administrator for one of these roles."
            ))

    @api.model
    def _sql_readable(self):
        """Condition on ``debtor``: a salesperson of own documents sees own and unassigned customers.

        Statements bypass record rules, so whatever they show to a user goes through this.
        """
        self._check_reader()
        if self.env.su or any(map(self.env.user.has_group, FULL_READERS)):
            return SQL("TRUE")
        return SQL(
            """debtor.commercial_partner_id IN (
                SELECT id FROM res_partner WHERE user_id IS NULL OR user_id = %s)""",
            self.env.uid,
        )

    # -------------------------------------------------------------------------
    # Drill-down
    # -------------------------------------------------------------------------

    @api.model
    def _get_document_ids(self, code, partner_ids, company_ids):
        """Ids of the documents that make a component.

        :param company_ids: companies whose limits apply, as in the exposure
        :return: ``(model name, ids)``
        """
        source = next(s for s in self._sources() if code in (c.code for c in s.components))
        scope = self._sql_scope(partner_ids=partner_ids, company_ids=company_ids)
        rows = self.env.execute_query(SQL(
            "SELECT res_id FROM (%s) documents WHERE %s <> 0 ORDER BY res_id",
            self._sql_source(source, scope), SQL.identifier(code),
        ))
        return source.model, [row[0] for row in rows]

    @api.model
    def _prepare_documents_action(self, code, partner_ids, company_ids):
        """Window action on the documents of a component that the user may read."""
        model, ids = self._get_document_ids(code, partner_ids, company_ids)
        self.env[model].check_access("read")
        label = next(c.label for c in self._components() if c.code == code)
        action = {
            "type": "ir.actions.act_window",
            "name": label,
            "res_model": model,
            "view_mode": "list,form",
            "domain": [("id", "in", ids)],
            "context": {"create": False},
        }
        if model == "account.move.line":
            view = self.env.ref("o2c_exposure.account_move_line_view_list_open_items")
            action["views"] = [(view.id, "list"), (False, "form")]
        return action
