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
