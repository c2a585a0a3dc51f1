from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_amount

from ..rules.ratio import percent

FIGURES = ("o2c_collected", "o2c_collected_ratio", "o2c_uncollected")
COMPARISONS = {
    "<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">="),
    "in": SQL("= ANY"), "not in": SQL("<> ALL"),
}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # === FIELDS === #

    o2c_collected = fields.Monetary(
        string="Collected",
        compute="_compute_o2c_collected",
        search="_search_o2c_collected",
        aggregator=None,
        help="Money that came in for this order, tax included, in its currency: receipts allocated to it"
        " and cash on its invoices. Credit notes, write-offs and exchange differences are no money.",
    )
    o2c_collected_ratio = fields.Float(
        string="Collected %",
        compute="_compute_o2c_collected",
        search="_search_o2c_collected_ratio",
        digits=(16, 2),
        aggregator=None,
        help="Collected amount in percent of the order's total, rounded down."
        " An order of nothing is collected.",
    )
    o2c_uncollected = fields.Monetary(
        string="Still to collect",
        compute="_compute_o2c_collected",
        search="_search_o2c_uncollected",
        aggregator=None,
        help="Total of the order less what was collected. Negative: more came in.",
    )
    o2c_allocation_ids = fields.One2many("o2c.receipt.allocation", "order_id", string="Receipts")
    o2c_receipt_stopped = fields.Boolean(
        string="Has a receipt that counts no more",
        compute="_compute_o2c_receipt_stopped",
        search="_search_o2c_receipt_stopped",
        compute_sudo=True,
    )
    o2c_unallocated_text = fields.Char(
        string="Unallocated money of the customer",
        compute="_compute_o2c_unallocated_text",
        help="Receipts of this customer that no order was given, in the order's company.",
    )

    # === COMPUTES === #

    @api.depends("amount_total")
    def _compute_o2c_collected(self):
        collected = self._get_o2c_collected()
        for order in self:
            amount, total = collected.get(order._origin.id, 0.0), order.amount_total
            order.o2c_collected = amount
            order.o2c_uncollected = total - amount
            order.o2c_collected_ratio = percent(amount, total)

    @api.depends("o2c_allocation_ids.is_counting", "o2c_allocation_ids.state")
    def _compute_o2c_receipt_stopped(self):
        for order in self:
            order.o2c_receipt_stopped = any(
                row.state == "active" and not row.is_counting for row in order.o2c_allocation_ids)

    @api.depends("partner_invoice_id", "company_id")
    def _compute_o2c_unallocated_text(self):
        for order in self:
            free = order._origin._get_o2c_unallocated() if order.state != "cancel" else 0.0
            currency = order.company_id.currency_id
            order.o2c_unallocated_text = (
                format_amount(self.env, free, currency) if currency.compare_amounts(free, 0) > 0 else False)

    # === SEARCHES === #

    @api.model
    def _search_o2c_collected(self, operator, value):
        return self._get_o2c_figure_domain("o2c_collected", operator, value)

    @api.model
    def _search_o2c_collected_ratio(self, operator, value):
        return self._get_o2c_figure_domain("o2c_collected_ratio", operator, value)

    @api.model
    def _search_o2c_uncollected(self, operator, value):
        return self._get_o2c_figure_domain("o2c_uncollected", operator, value)

    @api.model
    def _get_o2c_figure_domain(self, name, operator, value):
        """Domain of the orders of the user's companies whose figure compares."""
        if operator not in COMPARISONS:
            return NotImplemented
        operand = SQL("(%s)", [float(item or 0) for item in value]) if "in" in operator else SQL("%s", value)
        return [("id", "in", SQL(
            "(SELECT figures.order_id FROM (%s) figures WHERE figures.%s %s %s)",
            self._sql_o2c_figures(), SQL.identifier(name), COMPARISONS[operator], operand))]

    def _search_o2c_receipt_stopped(self, operator, value):
        if operator != "in":
            return NotImplemented
        rows = self.env["o2c.receipt.allocation"].sudo()._search(
            [("state", "=", "active"), ("is_counting", "=", False)])
        found = rows.subselect("order_id")
        return [("id", "in" if True in value else "not in", found)]

    @api.model
    def _sql_o2c_figures(self):
        """One SELECT of the three figures of all orders of the user's companies.

        Materialized, so that no plan measures everything again for each row of the list.
        """
        scope = SQL("orders.company_id = ANY(%s)", list(self.env.companies.ids))
        return SQL(
            """WITH measured AS MATERIALIZED (%s), figures AS MATERIALIZED (
               SELECT measured.order_id, ROUND(measured.collected, currency.decimal_places) AS o2c_collected,
                      CASE WHEN sold.amount_total > 0
                           THEN TRUNC(100 * measured.collected / sold.amount_total, 2) ELSE 100
                      END AS o2c_collected_ratio,
                      sold.amount_total - ROUND(measured.collected, currency.decimal_places)
                          AS o2c_uncollected
                 FROM measured
                 JOIN sale_order sold ON sold.id = measured.order_id
                 JOIN res_currency currency ON currency.id = sold.currency_id)
               SELECT * FROM figures""",
            self.env["o2c.receipt.ledger"]._sql_collected(scope),
        )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort by what was collected: one statement joined to the list."""
        if field_name not in FIGURES:
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        figures = query.make_alias(alias, "o2c_figures")
        query.add_join("LEFT JOIN", figures, SQL("(%s)", self._sql_o2c_figures()), SQL(
            "%s = %s", SQL.identifier(figures, "order_id"), SQL.identifier(alias, "id")))
        column = SQL.identifier(figures, field_name)
        query._order_groupby.append(column)
        return SQL("COALESCE(%s, 0) %s %s", column, direction, nulls)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_o2c_transactions({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        self._check_o2c_transactions(vals)
        return super().write(vals)

    @api.model
    def _check_o2c_transactions(self, names):
        """An online payment counts for the orders it was made for, and nobody adds others."""
        if "transaction_ids" in names and not self.env.su:
            raise AccessError(self.env._(
                "Online payments belong to the orders for which the customer made them."
                " Allocate the receipt instead."))

    @api.ondelete(at_uninstall=False)
    def _unlink_o2c_never_paid(self):
        self.env["o2c.receipt.allocation"]._check_unlink([("order_id", "in", self.ids)])

    # === BUSINESS METHODS === #

    def _get_o2c_collected(self):
        """Collected amounts now, not rounded: ``{order id: amount in order currency}``. One statement."""
        ids = [order_id for order_id in self._origin.ids if order_id]
        if not ids:
            return {}
        query = self.env["o2c.receipt.ledger"]._sql_collected(SQL("orders.id = ANY(%s)", ids))
        rows = self.env.execute_query(SQL("SELECT order_id, collected FROM (%s) sums", query))
        return {order_id: float(amount) for order_id, amount in rows}

    def _is_o2c_collected_other(self, before):
        """Whether any of these orders has collected something else than ``before`` says."""
        after = self._get_o2c_collected()
        return any(
            order.currency_id.compare_amounts(after[order.id], before[order.id]) for order in self)

    def _get_o2c_unallocated(self):
        """Free money of the order's debtor, in the currency of the order's company."""
        debtor = self.sudo().partner_invoice_id.commercial_partner_id
        if not debtor:
            return 0.0
        scope = SQL("debtor.commercial_partner_id = %s AND company.id = %s", debtor.id, self.company_id.id)
        [[free]] = self.env.execute_query(SQL(
            "SELECT SUM(free_company) FROM (%s) receipts WHERE direction = 'in'",
            self.env["o2c.receipt"].sudo()._sql_open_receipts(scope)))
        return float(free or 0.0)

    # === ACTIONS === #

    def action_o2c_register_receipt(self):
        """Enter money that came in for this order, or goes back.

        :raise AccessError: for users who don't do the invoicing
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["o2c.receipt.register"]._start(self)

    def action_o2c_allocate_receipts(self):
        """Give this order free money of its customer."""
        self.ensure_one()
        self.check_access("read")
        self.env["o2c.receipt.allocation"]._check_allocator()
        return self.env["o2c.receipt.allocate"]._start(order=self)

    def action_o2c_open_allocations(self):
        """Open the receipts of this order, ended allocations included."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_receipt.receipt_allocation_action")
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {"search_default_active": 1}
        return action

    def action_o2c_open_unallocated(self):
        """Open the unallocated receipts of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_receipt.receipt_action_unallocated")
        action["domain"] = [
            ("partner_id", "=", self.partner_invoice_id.commercial_partner_id.id), ("free_amount", ">", 0)]
        return action
