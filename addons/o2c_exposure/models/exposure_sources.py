from odoo import api, models
from odoo.tools import SQL

from .sale_order import SQL_ORDER_IS_OPEN


class O2cExposure(models.AbstractModel):
    """The two sources that plain Odoo has: receivable lines and open orders."""

    _inherit = "o2c.exposure"

    # -------------------------------------------------------------------------
    # Receivables
    # -------------------------------------------------------------------------

    @api.model
    def _sql_source_receivables(self, scope):
        """Open posted receivable lines at booked value.

        ``receivable``: invoices and other debits, net of open credit notes (lines of
        invoices are payment terms). ``unallocated``: credits that no invoice has consumed
        yet, negative. A payment counts once its entry is posted; a draft payment, or one
        in process that has no entry, is no money and reduces nothing.

        The accounts come as an array from a subquery of their own, so that
        ``account_move_line_unreconciled_index (account_id, partner_id)`` is used: its size
        follows open items, never history. Payments and entries may be booked on a contact,
        hence the join through the commercial partner instead of ``partner_id`` itself.
        """
        return SQL(
            """SELECT company.o2c_exposure_company_id AS company_id,
                      debtor.commercial_partner_id AS partner_id,
                      line.id AS res_id,
                      CASE WHEN line.display_type = 'payment_term' OR line.amount_residual > 0
                           THEN line.amount_residual ELSE 0 END AS receivable,
                      CASE WHEN line.display_type = 'payment_term' OR line.amount_residual > 0
                           THEN 0 ELSE line.amount_residual END AS unallocated
                 FROM account_move_line line
                 JOIN res_partner debtor ON debtor.id = line.partner_id
                 JOIN res_company company ON company.id = line.company_id
                WHERE line.account_id = ANY(ARRAY(
                          SELECT id FROM account_account WHERE account_type = 'asset_receivable'))
                  AND line.reconciled IS NOT TRUE
                  AND line.parent_state = 'posted'
                  AND %s""",
            scope,
            to_flush=self._flushed({
                "account.move.line": (
                    "account_id", "amount_residual", "company_id", "display_type", "parent_state",
                    "partner_id", "reconciled",
                ),
                "account.account": ("account_type",),
                "res.partner": ("commercial_partner_id", "o2c_corporate_group_id"),
                "res.company": ("o2c_exposure_company_id",),
            }),
        )

    # -------------------------------------------------------------------------
    # Orders
    # -------------------------------------------------------------------------

    @api.model
    def _sql_source_orders(self, scope):
        """Open value of confirmed orders, one row per order, rounded to the company's currency.

        A line's open quantity is what was delivered or still may be, less what posted
        invoices hold; its price is ``price_total / quantity`` at the order's own rate.
        Posted down payments that no invoice has deducted yet are taken off, first from what
        is delivered. An order never counts below zero: it does not pay for another one.
        """
        return SQL(
            """SELECT company_id, partner_id, res_id,
                      GREATEST(done - prepaid, 0) AS delivered,
                      GREATEST(todo - GREATEST(prepaid - done, 0), 0) AS ordered
                 FROM (SELECT company_id, partner_id, res_id, prepaid,
                              GREATEST(done + LEAST(todo, 0), 0) AS done,
                              GREATEST(todo + LEAST(done, 0), 0) AS todo
                         FROM (%s) sums) netted""",
            self._sql_order_sums(scope),
        )

    @api.model
    def _sql_order_sums(self, scope):
        """Per order: value delivered, value to deliver and down payments, all not invoiced."""
        return SQL(
            """SELECT company.o2c_exposure_company_id AS company_id,
                      debtor.commercial_partner_id AS partner_id,
                      orders.id AS res_id,
                      ROUND(SUM(value.price * quantity.done), currency.decimal_places) AS done,
                      ROUND(SUM(value.price * quantity.todo), currency.decimal_places) AS todo,
                      ROUND(COALESCE(SUM(prepaid.amount), 0), currency.decimal_places) AS prepaid
                 FROM sale_order orders
                 JOIN res_partner debtor ON debtor.id = orders.partner_invoice_id
                 JOIN res_company company ON company.id = orders.company_id
                 JOIN res_currency currency ON currency.id = company.currency_id
                 JOIN sale_order_line line ON line.order_id = orders.id AND line.display_type IS NULL
                 %(quantity)s
                 %(price)s
                 %(prepaid)s
                WHERE orders.state = 'sale'
                  AND %(is_open)s
                  AND %(scope)s
             GROUP BY company.o2c_exposure_company_id, debtor.commercial_partner_id, orders.id,
                      currency.decimal_places""",
            is_open=SQL(SQL_ORDER_IS_OPEN),
            quantity=self._sql_order_quantities(),
            price=self._sql_order_price(),
            prepaid=self._sql_order_prepaid(),
            scope=scope,
            to_flush=self._flushed({
                "sale.order": (
                    "company_id", "currency_rate", "invoice_status", "o2c_draft_invoiced",
                    "partner_invoice_id", "state",
                ),
                "sale.order.line": (
                    "discount", "display_type", "invoice_lines", "is_downpayment", "order_id", "price_total",
                    "price_unit", "product_id", "product_uom_id", "product_uom_qty", "qty_delivered",
                    "qty_delivered_method", "qty_invoiced", "tax_ids",
                ),
                "stock.move": (
                    "location_dest_id", "location_final_id", "product_id", "product_uom", "product_uom_qty",
                    "sale_line_id", "state",
                ),
                "account.move.line": (
                    "currency_id", "parent_state", "price_total", "product_uom_id", "quantity",
                ),
                "account.move": ("currency_id", "invoice_currency_rate", "move_type"),
                "uom.uom": ("factor",),
                "res.partner": ("commercial_partner_id", "o2c_corporate_group_id"),
                "res.company": ("currency_id", "o2c_exposure_company_id"),
            }),
        )

    @api.model
    def _sql_order_quantities(self):
        """Open quantities of a line: ``done`` delivered and ``todo`` to deliver, not invoiced.

        ``qty_invoiced`` is stored and counts drafts; what drafts hold is given back, and
        only orders that have a draft pay for looking. A line that is delivered by stock
        moves can still deliver what its open moves hold, so that a cancelled backorder is
        no exposure; without any move (a dropship that is not ordered yet) the ordered
        quantity counts, and while a kit's components are open its whole quantity does.
        """
        return SQL(
            """LEFT JOIN LATERAL (
                   SELECT SUM(CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END * item.quantity
                              * COALESCE(item_uom.factor / NULLIF(line_uom.factor, 0), 1)) AS quantity
                     FROM sale_order_line_invoice_rel rel
                     JOIN account_move_line item ON item.id = rel.invoice_line_id
                     JOIN account_move move ON move.id = item.move_id
                LEFT JOIN uom_uom item_uom ON item_uom.id = item.product_uom_id
                LEFT JOIN uom_uom line_uom ON line_uom.id = line.product_uom_id
                    WHERE rel.order_line_id = line.id
                      AND orders.o2c_draft_invoiced
                      AND item.parent_state = 'draft'
                      AND move.move_type IN ('out_invoice', 'out_refund')
               ) drafts ON TRUE
               LEFT JOIN LATERAL (
                   SELECT COUNT(*) AS moves,
                          BOOL_OR(is_open AND product_id <> line.product_id) AS components,
                          SUM(quantity) FILTER (WHERE is_open AND product_id = line.product_id) AS quantity
                     FROM (SELECT move.product_id,
                                  move.state NOT IN ('done', 'cancel') AND (
                                      place.usage = 'customer'
                                      OR place.usage = 'transit' AND place.company_id IS NULL) AS is_open,
                                  move.product_uom_qty
                                  * COALESCE(move_uom.factor / NULLIF(line_uom.factor, 0), 1) AS quantity
                             FROM stock_move move
                             JOIN stock_location place
                               ON place.id = COALESCE(move.location_final_id, move.location_dest_id)
                        LEFT JOIN uom_uom move_uom ON move_uom.id = move.product_uom
                        LEFT JOIN uom_uom line_uom ON line_uom.id = line.product_uom_id
                            WHERE move.sale_line_id = line.id) moves
                    WHERE line.qty_delivered_method = 'stock_move'
                      AND line.qty_delivered < line.product_uom_qty
               ) stock ON TRUE
               CROSS JOIN LATERAL (
                   SELECT COALESCE(line.qty_delivered, 0) AS delivered,
                          COALESCE(line.qty_invoiced, 0) - COALESCE(drafts.quantity, 0) AS invoiced,
                          CASE WHEN line.product_uom_qty < 0 THEN
                                    CASE WHEN line.qty_delivered_method = 'stock_move' THEN COALESCE(line.qty_delivered, 0)
                                         ELSE LEAST(line.product_uom_qty, line.qty_delivered) END
                               WHEN COALESCE(stock.moves, 0) = 0 OR stock.components
                               THEN GREATEST(line.product_uom_qty, line.qty_delivered)
                               ELSE LEAST(GREATEST(line.product_uom_qty, line.qty_delivered),
                                          line.qty_delivered + COALESCE(stock.quantity, 0)) END AS target
               ) q
               CROSS JOIN LATERAL (
                   SELECT CASE WHEN line.is_downpayment THEN 0
                               WHEN line.product_uom_qty < 0 THEN LEAST(q.delivered - q.invoiced, 0)
                               ELSE GREATEST(q.delivered - q.invoiced, 0) END AS done,
                          CASE WHEN line.is_downpayment THEN 0
                               WHEN line.product_uom_qty < 0
                               THEN LEAST(q.target - q.invoiced, 0) - LEAST(q.delivered - q.invoiced, 0)
                               ELSE GREATEST(q.target - q.invoiced, 0) - GREATEST(q.delivered - q.invoiced, 0)
                               END AS todo
               ) quantity"""
        )

    @api.model
    def _sql_order_price(self):
        """Price of one unit with tax, in company currency at the order's rate.

        A line of quantity 0 (re-invoiced expenses, quantities delivered only) has no
        ``price_total`` to divide: its unit price plus the percentage taxes on top stands in.
        """
        return SQL(
            """CROSS JOIN LATERAL (
                   SELECT CASE WHEN line.product_uom_qty <> 0 THEN line.price_total / line.product_uom_qty
                               WHEN line.qty_delivered = 0 THEN 0
                               ELSE line.price_unit * (1 - COALESCE(line.discount, 0) / 100) * (
                                   1 + COALESCE((
                                       SELECT SUM(tax.amount) / 100
                                         FROM account_tax_sale_order_line_rel rel
                                         JOIN account_tax tax ON tax.id = rel.account_tax_id
                                        WHERE rel.sale_order_line_id = line.id
                                          AND tax.amount_type = 'percent'
                                          AND COALESCE(tax.price_include_override, company.account_price_include)
                                              <> 'tax_included'), 0))
                          END / COALESCE(NULLIF(orders.currency_rate, 0), 1) AS price
               ) value"""
        )

    @api.model
    def _sql_order_prepaid(self):
        """Posted down payments of a line less what posted invoices deducted, never below zero.

        They are receivables (or money) already. In the order's currency and at its rate; an
        invoice in another currency is taken at its own.
        """
        return SQL(
            """LEFT JOIN LATERAL (
                   SELECT GREATEST(SUM(
                              CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END * item.price_total
                              / COALESCE(NULLIF(CASE WHEN move.currency_id = line.currency_id
                                                     THEN orders.currency_rate
                                                     ELSE move.invoice_currency_rate END, 0), 1)), 0) AS amount
                     FROM sale_order_line_invoice_rel rel
                     JOIN account_move_line item ON item.id = rel.invoice_line_id
                     JOIN account_move move ON move.id = item.move_id
                    WHERE rel.order_line_id = line.id
                      AND line.is_downpayment
                      AND item.parent_state = 'posted'
                      AND move.move_type IN ('out_invoice', 'out_refund')
               ) prepaid ON TRUE"""
        )

    @api.model
    def _flushed(self, names):
        """Fields that a statement reads, for ``SQL(to_flush=)``."""
        return [self.env[model]._fields[name] for model, fields in names.items() for name in fields]
