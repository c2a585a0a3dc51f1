"""Hand-written statements that the suite is measured against.

They are what a good developer would write for an ordinary ledger, with the indexes that are there: no draft
invoices on orders, no down payments, no kits, one unit of measure per line, no branches. The generated ledger
has none of these, so the results must equal the suite's to the cent; the benchmark stops if they do not.
"""

# One row per debtor with documents: receivable, unallocated, delivered, ordered, in company currency.
_DOCUMENTS = """
    SELECT p.commercial_partner_id AS partner_id,
           CASE WHEN l.display_type = 'payment_term' OR l.amount_residual > 0
                THEN l.amount_residual ELSE 0 END AS receivable,
           CASE WHEN l.display_type = 'payment_term' OR l.amount_residual > 0
                THEN 0 ELSE l.amount_residual END AS unallocated,
           0::numeric AS delivered,
           0::numeric AS ordered
      FROM account_move_line l
      JOIN res_partner p ON p.id = l.partner_id
     WHERE l.account_id = ANY (ARRAY(SELECT id FROM account_account WHERE account_type = 'asset_receivable'))
       AND l.reconciled IS NOT TRUE
       AND l.parent_state = 'posted'
       AND l.company_id = %(company)s
       {partners}
     UNION ALL
    SELECT p.commercial_partner_id, 0, 0,
           round(sum(greatest(l.qty_delivered - l.qty_invoiced, 0) * l.price_total / l.product_uom_qty
                     / o.currency_rate), 2),
           round(sum(greatest(CASE WHEN l.qty_delivered_method = 'stock_move' THEN coalesce(m.quantity, 0)
                                   ELSE l.product_uom_qty - greatest(l.qty_delivered, l.qty_invoiced) END, 0)
                     * l.price_total / l.product_uom_qty / o.currency_rate), 2)
      FROM sale_order o
      JOIN res_partner p ON p.id = o.partner_invoice_id
      JOIN sale_order_line l ON l.order_id = o.id AND l.display_type IS NULL
      LEFT JOIN LATERAL (
           SELECT sum(product_uom_qty) AS quantity FROM stock_move
            WHERE sale_line_id = l.id AND state NOT IN ('done', 'cancel')
           ) m ON true
     WHERE o.state = 'sale'
       AND (o.invoice_status IS DISTINCT FROM 'invoiced' OR o.o2c_draft_invoiced)
       AND o.company_id = %(company)s
       {partners}
     GROUP BY o.id, p.commercial_partner_id
"""

EXPOSURE = """
    SELECT partner_id, sum(receivable), sum(unallocated), sum(delivered), sum(ordered)
      FROM ({documents}) documents
     GROUP BY partner_id
""".format(documents=_DOCUMENTS.format(partners="AND p.commercial_partner_id = ANY(%(partners)s)"))

# Debtors whose exposure is above their latest limit that is valid today.
OVER_LIMIT = """
    SELECT e.partner_id
      FROM (SELECT partner_id, sum(receivable + unallocated + delivered + ordered) AS total
              FROM ({documents}) documents GROUP BY partner_id) e
      JOIN (SELECT DISTINCT ON (partner_id) partner_id, amount
              FROM o2c_credit_limit
             WHERE company_id = %(company)s AND kind = 'regular' AND date_from <= current_date
               AND (date_to IS NULL OR date_to >= current_date)
             ORDER BY partner_id, date_from DESC, id DESC) g USING (partner_id)
     WHERE e.total > g.amount
""".format(documents=_DOCUMENTS.format(partners=""))

# What came in for orders, in order currency: cash on their invoices, shared by the lines, and what of
# their allocations is neither on these invoices nor gone elsewhere. Beside what is said above the ledger has
# nothing paid back, no write-off inside a payment, no invoice in another currency than its order's.
_COLLECTED = """
    WITH parts AS (
        SELECT s.order_id, i.move_id, sum(i.price_total) AS price
          FROM sale_order_line s
          JOIN sale_order_line_invoice_rel r ON r.order_line_id = s.id
          JOIN account_move_line i ON i.id = r.invoice_line_id AND i.parent_state = 'posted'
         WHERE s.{orders}
         GROUP BY s.order_id, i.move_id
    ), cash AS (
        SELECT p.order_id, m.origin_payment_id AS payment_id,
               sum(a.debit_amount_currency * p.price / v.amount_total) AS amount
          FROM parts p
          JOIN account_move v ON v.id = p.move_id
          JOIN account_move_line d ON d.move_id = v.id AND d.display_type = 'payment_term'
          JOIN account_partial_reconcile a ON a.debit_move_id = d.id
          JOIN account_move_line c ON c.id = a.credit_move_id
          JOIN account_move m ON m.id = c.move_id AND m.state = 'posted'
          JOIN account_journal j ON j.id = m.journal_id AND j.type IN ('bank', 'cash', 'credit')
         GROUP BY p.order_id, m.origin_payment_id
    ), given AS (
        SELECT g.order_id, g.payment_id, sum(g.order_amount) AS amount, -min(l.residual) AS residual
          FROM o2c_receipt_allocation g
          JOIN account_payment y ON y.id = g.payment_id AND y.state IN ('in_process', 'paid')
         CROSS JOIN LATERAL (
               SELECT sum(amount_residual_currency) AS residual FROM account_move_line
                WHERE move_id = y.move_id AND account_id = ANY (ARRAY(
                      SELECT id FROM account_account WHERE account_type = 'asset_receivable'))) l
         WHERE g.state = 'active' AND g.{orders}
         GROUP BY g.order_id, g.payment_id
    )
    SELECT order_id,
           sum(coalesce(cash.amount, 0)
               + greatest(least(coalesce(given.amount, 0) - coalesce(cash.amount, 0), given.residual), 0)
              ) AS collected
      FROM cash FULL JOIN given USING (order_id, payment_id)
     GROUP BY order_id
"""

COLLECTED = _COLLECTED.format(orders="order_id = ANY(%(orders)s)")

# The first page of a list of all orders of the company, by what was collected.
SORTED_BY_COLLECTED = """
    SELECT o.id
      FROM sale_order o
      LEFT JOIN ({collected}) f ON f.order_id = o.id
     WHERE o.company_id = %(company)s
     ORDER BY coalesce(f.collected, 0) DESC, o.id DESC
     LIMIT 80
""".format(collected=_COLLECTED.format(orders="company_id = %(company)s"))

# Open orders of the company with money, invoices and deliveries. Every order of the ledger has one payment
# term of 30 days with one line, counted from its delivery: services from the confirmation, goods from the day
# on which they left, and what has not left from the planned day or today.
_OPEN_ORDERS = """
    SELECT o.id, p.commercial_partner_id AS partner_id, o.amount_total, o.currency_rate,
           coalesce(f.collected, 0) AS collected, coalesce(v.invoiced, 0) AS invoiced,
           coalesce(v.invoiceable, 0) AS invoiceable, coalesce(v.delivered, 0) AS delivered,
           coalesce(v.unsigned, false) AS unsigned,
           coalesce(v.done_on,
                    CASE WHEN v.planned_on IS NOT NULL THEN greatest(v.planned_on, current_date) END,
                    o.date_order::date) + 30 AS due
      FROM sale_order o
      JOIN res_partner p ON p.id = o.partner_invoice_id
      LEFT JOIN ({collected}) f ON f.order_id = o.id
     CROSS JOIN LATERAL (
           SELECT sum(b.amount) AS invoiced,
                  sum(greatest(CASE WHEN t.type = 'consu' THEN l.qty_delivered ELSE l.product_uom_qty END
                               - coalesce(b.quantity, 0), 0) * l.price_total / nullif(l.product_uom_qty, 0)
                     ) FILTER (WHERE l.is_downpayment IS NOT TRUE) AS invoiceable,
                  sum(greatest(l.qty_delivered - coalesce(b.quantity, 0), 0)
                      * l.price_total / nullif(l.product_uom_qty, 0)
                     ) FILTER (WHERE l.is_downpayment IS NOT TRUE) AS delivered,
                  max(m.done_on) AS done_on, max(m.planned_on) AS planned_on,
                  bool_or(m.done_on IS NOT NULL) AS unsigned
             FROM sale_order_line l
             LEFT JOIN product_product d ON d.id = l.product_id
             LEFT JOIN product_template t ON t.id = d.product_tmpl_id
             LEFT JOIN LATERAL (
                  SELECT sum(i.quantity) AS quantity, sum(i.price_total) AS amount
                    FROM sale_order_line_invoice_rel r
                    JOIN account_move_line i ON i.id = r.invoice_line_id AND i.parent_state = 'posted'
                   WHERE r.order_line_id = l.id) b ON true
             LEFT JOIN LATERAL (
                  SELECT max(date) FILTER (WHERE state = 'done')::date AS done_on,
                         max(date) FILTER (WHERE state <> 'done')::date AS planned_on
                    FROM stock_move WHERE sale_line_id = l.id AND state <> 'cancel') m ON true
            WHERE l.order_id = o.id AND l.display_type IS NULL) v
     WHERE o.state = 'sale'
       AND (o.invoice_status IS DISTINCT FROM 'invoiced' OR o.o2c_draft_invoiced)
       AND o.company_id = %(company)s
""".format(
    collected=_COLLECTED.format(
        orders="""order_id IN (
               SELECT id FROM sale_order
                WHERE state = 'sale' AND (invoice_status IS DISTINCT FROM 'invoiced' OR o2c_draft_invoiced)
                  AND company_id = %(company)s)"""
    )
)

# Orders by what keeps them from an invoice: number, missing money, value that was delivered and not invoiced.
WORKLIST = f"""
    SELECT CASE WHEN missing > 0 AND 100 * collected / amount_total >= %(threshold)s - near THEN 'near'
                WHEN missing > 0 THEN 'collecting'
                WHEN invoiceable <= 0 THEN 'undelivered'
                WHEN unsigned AND signed THEN 'unsigned'
                ELSE 'ready' END,
           count(*), sum(missing / currency_rate), sum(delivered / currency_rate)
      FROM (SELECT o.*, y.near_points AS near, y.signature_needed AS signed,
                   ceil(greatest(o.amount_total * %(threshold)s / 100 - o.collected, 0) * 100) / 100
                       AS missing
              FROM ({_OPEN_ORDERS}) o
             CROSS JOIN (SELECT near_points, signature_needed FROM o2c_invoice_policy
                          WHERE company_id = %(company)s AND state = 'in_force') y) o
     GROUP BY 1
"""

# What can be invoiced in which month, when the share of each order that is needed comes in on its due date.
FORECAST = f"""
    SELECT date_trunc('month', CASE WHEN collected >= amount_total * %(threshold)s / 100 THEN current_date
                                    ELSE greatest(due, current_date) END)::date,
           count(*), sum(round((amount_total - invoiced) / currency_rate, 2))
      FROM ({_OPEN_ORDERS}) o
     WHERE amount_total > invoiced
     GROUP BY 1
"""

# What customers owe: open items of the ledger, and what of orders is not invoiced, less money that came in
# for it. That money is a credit of its receipt, which pays nothing else.
CLAIMS = f"""
    WITH orders AS MATERIALIZED ({_OPEN_ORDERS}),
    owed AS (
        SELECT p.commercial_partner_id AS partner_id, l.amount_residual AS amount,
               coalesce(l.date_maturity, l.date) AS due, l.move_id
          FROM account_move_line l
          JOIN res_partner p ON p.id = l.partner_id
         WHERE l.account_id = ANY (ARRAY(
               SELECT id FROM account_account WHERE account_type = 'asset_receivable'))
           AND l.reconciled IS NOT TRUE AND l.amount_residual <> 0
           AND l.parent_state = 'posted' AND l.company_id = %(company)s
    ), used AS (
        SELECT y.move_id, sum(g.order_amount) AS amount
          FROM orders o
          JOIN o2c_receipt_allocation g ON g.order_id = o.id AND g.state = 'active'
          JOIN account_payment y ON y.id = g.payment_id
         GROUP BY y.move_id
    )
    SELECT partner_id, sum(amount), sum(CASE WHEN amount > 0 AND due < current_date THEN amount ELSE 0 END)
      FROM (SELECT partner_id, owed.amount + coalesce(used.amount, 0) AS amount, due
              FROM owed LEFT JOIN used ON used.move_id = owed.move_id AND owed.amount < 0
             UNION ALL
            SELECT partner_id, round((amount_total - invoiced - collected) / currency_rate, 2), due
              FROM orders) claims
     GROUP BY partner_id
"""
