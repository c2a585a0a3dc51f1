from odoo import api, fields, models
from odoo.tools import SQL

STATUSES = [
    ("ready", "Ready to invoice"),
    ("applied", "Applied for"),
    ("unsigned", "Signature of the customer missing"),
    ("near", "Nearly collected"),
    ("collecting", "To collect"),
    ("undelivered", "To deliver"),
]
FIELDS_READ = {
    "sale.order": (
        "amount_total", "company_id", "currency_id", "currency_rate", "date_order", "invoice_status", "name",
        "o2c_draft_invoiced", "partner_invoice_id", "state", "team_id", "user_id",
    ),
    "sale.order.line": ("price_unit", "product_id"),
    "product.template": ("type",),
    "stock.picking": ("date_done", "state"),
    "res.partner": ("commercial_partner_id", "country_id", "o2c_corporate_group_id"),
    "o2c.invoice.application": ("order_ids", "state"),
}


class InvoiceWorklist(models.Model):
    """Confirmed orders that are not invoiced in full: what may be invoiced, and what is missing.

    One statement for all orders of the user's companies; record rules say which of them somebody sees.
    """

    _name = "o2c.invoice.worklist"
    _inherit = ["o2c.debtor.mixin"]
    _description = "Order to invoice"
    _auto = False
    _order = "waiting_days desc, id"
    _rec_name = "order_id"

    # === FIELDS === #

    order_id = fields.Many2one("sale.order", readonly=True)
    date_order = fields.Datetime(string="Order Date", readonly=True)
    order_currency_id = fields.Many2one("res.currency", string="Currency of the order", readonly=True)
    policy_id = fields.Many2one("o2c.invoice.policy", string="Invoice policy", readonly=True)
    status = fields.Selection(STATUSES, readonly=True)
    amount_total = fields.Monetary(
        string="Total", currency_field="order_currency_id", readonly=True, aggregator=None)
    collected = fields.Monetary(
        currency_field="order_currency_id", readonly=True, aggregator=None,
        help="Money that counts by the policy, in the currency of the order.")
    ratio = fields.Float(
        string="Collected %", readonly=True, aggregator=None, digits=(16, 2), help="Rounded down.")
    threshold = fields.Float(string="Needed %", readonly=True, aggregator=None, digits=(16, 2))
    missing = fields.Monetary(
        currency_field="order_currency_id", readonly=True, aggregator=None,
        help="Money that must come in before what can be invoiced now may be invoiced, rounded up.")
    missing_company = fields.Monetary(
        string="Missing in company currency", readonly=True, help="At the rate of the order.")
    due_amount = fields.Monetary(
        string="Can be invoiced", currency_field="order_currency_id", readonly=True, aggregator=None,
        help="What was delivered (or, where quantities are not compared, ordered) and is not invoiced, tax"
        " included.")
    delivered_open = fields.Monetary(
        string="Delivered, not invoiced", readonly=True,
        help="Value of what was delivered and is not on a posted invoice, tax included, in company currency"
        " at the rate of the order.")
    blocked_open = fields.Monetary(
        string="Delivered, not yet allowed", readonly=True,
        help="What was delivered and may not be invoiced yet, since money or signature is missing.")
    last_delivery = fields.Date(readonly=True)
    waiting_days = fields.Integer(
        string="Days since delivery", readonly=True, aggregator="max",
        help="Days since the last delivery, where something delivered is not invoiced.")
    is_waiting = fields.Boolean(string="Waiting too long", readonly=True)

    # === QUERY === #

    @property
    def _table_query(self):
        return SQL(
            """SELECT orders.*, %(attributes)s
                 FROM (SELECT figures.*, %(status)s AS status,
                              CASE WHEN figures.missing > 0 OR figures.has_unsigned
                                   THEN figures.delivered_open ELSE 0 END AS blocked_open,
                              figures.waiting_days > figures.wait_days AS is_waiting
                         FROM (%(figures)s) figures) orders %(joins)s""",
            attributes=self._sql_worklist_attributes(),
            joins=self._sql_attribute_joins("orders"),
            status=self._sql_status(),
            figures=self._sql_figures(),
        )

    @api.model
    def _sql_worklist_attributes(self):
        """As for other rows about customers, but salesperson and team are those of the order."""
        return SQL(
            """holder.currency_id, customer.country_id,
               customer.o2c_corporate_group_id AS corporate_group_id""",
            to_flush=self.env["o2c.exposure"]._flushed(FIELDS_READ),
        )

    @api.model
    def _sql_status(self):
        return SQL(
            """CASE WHEN figures.is_applied THEN 'applied'
                    WHEN figures.missing > 0 AND figures.ratio >= figures.threshold - figures.near_points
                    THEN 'near'
                    WHEN figures.missing > 0 THEN 'collecting'
                    WHEN figures.due_amount <= 0 THEN 'undelivered'
                    WHEN figures.has_unsigned THEN 'unsigned'
                    ELSE 'ready' END"""
        )

    @api.model
    def _sql_figures(self):
        """Figures of the open orders; amounts missing are rounded up in the order's currency."""
        required = SQL(
            """CASE WHEN found.amount_total <= 0 THEN 0
                    ELSE CASE WHEN policy.rule = 'proportional'
                              THEN GREATEST(found.invoiced + found.due_amount, 0)
                              ELSE found.amount_total END
                         * COALESCE(policy.threshold, 0)::numeric / 100 END""")
        missing = SQL(
            "CEIL(GREATEST(%s - found.collected, 0) / currency.rounding) * currency.rounding", required)
        return SQL(
            """SELECT found.id, found.id AS order_id, found.company_id, found.partner_id, found.user_id,
                      found.team_id, found.date_order, found.policy_id,
                      found.currency_id AS order_currency_id, found.amount_total,
                      ROUND(found.collected, currency.decimal_places) AS collected,
                      CASE WHEN found.amount_total > 0
                           THEN TRUNC(100 * found.collected / found.amount_total, 2) ELSE 100 END AS ratio,
                      COALESCE(policy.threshold, 0) AS threshold, %(missing)s AS missing,
                      %(missing)s / found.rate AS missing_company, found.due_amount,
                      found.delivered_value / found.rate AS delivered_open, found.last_delivery,
                      CASE WHEN found.delivered_value > 0
                           THEN COALESCE(found.today - found.last_delivery, 0) ELSE 0 END AS waiting_days,
                      COALESCE(policy.wait_days, 30) AS wait_days,
                      COALESCE(policy.near_points, 0) AS near_points,
                      COALESCE(policy.signature_needed, FALSE) AND found.unsigned > 0 AS has_unsigned,
                      found.is_applied
                 FROM (%(orders)s) found
                 JOIN res_currency currency ON currency.id = found.currency_id
            LEFT JOIN o2c_invoice_policy policy ON policy.id = found.policy_id""",
            missing=missing,
            orders=self._sql_orders(),
        )

    @api.model
    def _sql_orders(self):
        """Sums over the lines of each open order, beside its money and its deliveries."""
        ledger, gate = self.env["o2c.receipt.ledger"], self.env["o2c.invoice.gate"]
        scope = self._sql_scope()
        return SQL(
            """WITH judged AS MATERIALIZED (%(judged)s),
                    money AS MATERIALIZED (%(collected)s),
                    uncleared AS MATERIALIZED (%(uncleared)s),
                    amounts AS MATERIALIZED (
                    SELECT sums.order_id, SUM(sums.billed) AS invoiced,
                           SUM(sums.due) FILTER (WHERE sums.due > 0) AS due_amount,
                           SUM(sums.delivered) FILTER (WHERE sums.delivered > 0) AS delivered_value,
                           SUM(sums.unsigned) AS unsigned
                      FROM (%(lines)s) sums GROUP BY sums.order_id)
               SELECT judged.*,
                      COALESCE(NULLIF(judged.currency_rate, 0), 1) AS rate,
                      GREATEST(COALESCE(money.collected, 0)
                               - CASE WHEN policy.receipts = 'cleared'
                                      THEN COALESCE(uncleared.uncleared::numeric, 0) ELSE 0 END, 0)
                          AS collected,
                      COALESCE(amounts.invoiced, 0) AS invoiced,
                      COALESCE(amounts.due_amount, 0) AS due_amount,
                      COALESCE(amounts.delivered_value, 0) AS delivered_value,
                      COALESCE(amounts.unsigned, 0) AS unsigned,
                      (SELECT MAX(picking.date_done AT TIME ZONE 'UTC' AT TIME ZONE seller.o2c_tz)::date
                         FROM stock_picking picking
                         JOIN stock_picking_type kind ON kind.id = picking.picking_type_id
                         JOIN res_company seller ON seller.id = judged.company_id
                        WHERE picking.state = 'done' AND picking.sale_id = judged.id
                          AND kind.code IN ('outgoing', 'dropship')) AS last_delivery,
                      EXISTS (SELECT FROM o2c_invoice_application_order_rel rel
                                JOIN o2c_invoice_application application
                                  ON application.id = rel.application_id
                               WHERE rel.order_id = judged.id AND application.state = 'requested')
                          AS is_applied
                 FROM judged
            LEFT JOIN o2c_invoice_policy policy ON policy.id = judged.policy_id
            LEFT JOIN money ON money.order_id = judged.id
            LEFT JOIN uncleared ON uncleared.order_id = judged.id
            LEFT JOIN amounts ON amounts.order_id = judged.id""",
            judged=self._sql_judged(scope),
            collected=ledger._sql_collected(scope),
            uncleared=self._sql_uncleared(scope),
            lines=self._sql_line_values(gate),
        )

    @api.model
    def _sql_uncleared(self, scope):
        """As the ledger says it; nothing is read where no policy asks."""
        if self._has_cleared_rule():
            return self.env["o2c.receipt.ledger"]._sql_uncleared(scope)
        return SQL("SELECT NULL::int AS order_id, NULL::text AS uncleared WHERE FALSE")

    @api.model
    def _sql_scope(self):
        """Condition on ``orders``: confirmed and not invoiced in full, in the user's companies."""
        return SQL(
            """orders.state = 'sale' AND orders.company_id = ANY(%s)
               AND (orders.invoice_status IS DISTINCT FROM 'invoiced' OR orders.o2c_draft_invoiced)""",
            list(self.env.companies.ids),
        )

    @api.model
    def _sql_judged(self, scope):
        """Open orders with their debtor and the policy that judges them."""
        return SQL(
            """SELECT orders.id, orders.company_id, customer.id AS partner_id, orders.user_id, orders.team_id,
                      orders.date_order, orders.currency_id, orders.currency_rate, orders.amount_total,
                      %(policy)s AS policy_id, %(today)s AS today
                 FROM sale_order orders
                 JOIN res_partner debtor ON debtor.id = orders.partner_invoice_id
                 JOIN res_partner customer ON customer.id = debtor.commercial_partner_id
                WHERE %(scope)s""",
            policy=self._sql_policy(),
            today=self._sql_today(),
            scope=scope,
        )

    @api.model
    def _sql_line_values(self, gate):
        """Per order line: what is posted, what could be invoiced, what is delivered and open, unsigned.

        Order currency at the price of the line, tax included.
        """
        return SQL(
            """SELECT line.order_id, COALESCE(billed.amount, 0) AS billed, price.unit * (
                          CASE WHEN line.is_downpayment THEN 0
                               WHEN policy.quantity_check = 'all' AND line.price_unit > 0
                                 OR COALESCE(policy.quantity_check, 'none') = 'goods' AND line.price_unit > 0
                                    AND template.type = 'consu'
                                 OR policy.id IS NULL AND template.invoice_policy = 'delivery'
                               THEN COALESCE(line.qty_delivered, 0)
                               ELSE GREATEST(line.product_uom_qty, COALESCE(line.qty_delivered, 0)) END
                          - CASE WHEN line.is_downpayment THEN 0
                                 ELSE COALESCE(billed.quantity, 0) END) AS due,
                      CASE WHEN line.is_downpayment THEN 0 ELSE price.unit * (
                          COALESCE(line.qty_delivered, 0) - COALESCE(billed.quantity, 0)) END AS delivered,
                      GREATEST(COALESCE(unsigned.quantity, 0), 0) AS unsigned
                 FROM judged orders
                 JOIN sale_order_line line ON line.order_id = orders.id AND line.display_type IS NULL
            LEFT JOIN o2c_invoice_policy policy ON policy.id = orders.policy_id
            LEFT JOIN product_product product ON product.id = line.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
           CROSS JOIN LATERAL (
                      SELECT COALESCE(line.price_total / NULLIF(line.product_uom_qty, 0),
                                      line.price_reduce_taxinc, 0) AS unit) price
            LEFT JOIN LATERAL (%(billed)s) billed ON TRUE
            LEFT JOIN LATERAL (%(unsigned)s) unsigned ON TRUE""",
            billed=gate._sql_billed(),
            unsigned=gate._sql_unsigned(),
        )

    # === POLICIES IN SQL === #

    @api.model
    def _sql_today(self, company_id=None):
        """Today's date in a company of the user, by default that of the row ``orders``."""
        days = [
            SQL("WHEN %s THEN %s::date", company.id, company._o2c_today()) for company in self.env.companies]
        return SQL(
            "CASE %s %s ELSE CURRENT_DATE END", company_id or SQL("orders.company_id"), SQL(" ").join(days))

    @api.model
    def _sql_policy(self):
        """Id of the policy that judges an order."""
        return self.env["o2c.invoice.policy"]._sql_match(
            self.env.companies, SQL("orders.company_id"), team=SQL("orders.team_id"))

    @api.model
    def _has_cleared_rule(self):
        policies = self.env["o2c.invoice.policy"]
        return any(
            policies._read_terms(rule.policy_id)["receipts"] == "cleared"
            for company in self.env.companies
            for rule in policies._get_rules(company.id)
            if rule.is_in_force(company._o2c_today()))

    # === ACTIONS === #

    def action_open_order(self):
        """Open the order."""
        self.ensure_one()
        self.check_access("read")
        return self.order_id.get_formview_action()

    def action_apply(self):
        """Apply for the invoice of these orders."""
        self.check_access("read")
        return self.order_id.action_o2c_apply_invoice()

    # === OVERVIEW === #

    @api.model
    def _get_overview_data(self, code):
        """Counts of the tiles; the one of blocked goods says what they are worth."""
        if code == "invoice_blocked":
            [[count, *amounts]] = [self._get_blocked()]
            return {"count": count, "tone": "warning" if count else "muted",
                    "caption": ", ".join(amounts) or None}
        domains = {
            "invoice_ready": [("status", "=", "ready")],
            "invoice_near": [("status", "=", "near")],
            "invoice_waiting": [("is_waiting", "=", True)],
        }
        count = self.search_count(domains[code])
        tones = {"invoice_waiting": "danger"}
        return {"count": count, "tone": tones.get(code, "info") if count else "muted"}

    @api.model
    def _get_blocked(self):
        """Number of orders with delivered goods that may not be invoiced yet, and what they are worth per
        company currency, as texts."""
        groups = self._read_group(
            [("blocked_open", ">", 0)], ["company_id"], ["__count", "blocked_open:sum"])
        texts = [company._o2c_format_amount(amount) for company, _count, amount in groups]
        return [sum(count for _company, count, _amount in groups), *texts]
