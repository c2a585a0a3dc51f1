"""What happens before the module's tables exist."""

from odoo.tools import SQL

from .models.stock_move import SQL_MOVE_IS_DROPPED


def pre_init_hook(env):
    """Add the stored columns of ``sale.order`` and fill them where they say something.

    A new stored computed field makes Odoo compute and rewrite every order that was ever taken. A column
    that is there already is left alone, and only open orders need a value.
    """
    fill_draft_invoiced(env.cr)
    fill_open_kind(env.cr)


def fill_draft_invoiced(cr):
    """Add and fill ``o2c_draft_invoiced``: orders that have a draft invoice now; empty counts as false."""
    cr.execute("ALTER TABLE sale_order ADD COLUMN IF NOT EXISTS o2c_draft_invoiced boolean")
    cr.execute(
        """UPDATE sale_order
              SET o2c_draft_invoiced = TRUE
            WHERE id IN (SELECT line.order_id
                           FROM account_move move
                           JOIN account_move_line item ON item.move_id = move.id
                           JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
                           JOIN sale_order_line line ON line.id = rel.order_line_id
                          WHERE move.state = 'draft'
                            AND move.move_type IN ('out_invoice', 'out_refund'))"""
    )


def fill_open_kind(cr):
    """Add and fill ``o2c_open_kind`` of confirmed orders that are not invoiced; empty is always right."""
    cr.execute("ALTER TABLE sale_order ADD COLUMN IF NOT EXISTS o2c_open_kind varchar")
    cr.execute(
        SQL(
            """UPDATE sale_order
                  SET o2c_open_kind = kinds.kind
                 FROM (SELECT line.order_id,
                              CASE WHEN bool_and(line.qty_delivered = line.product_uom_qty) THEN 'delivered'
                                   WHEN bool_and(COALESCE(line.qty_delivered, 0) = 0 AND NOT (
                                       line.qty_delivered_method = 'stock_move' AND EXISTS (
                                           SELECT FROM stock_move dropped
                                            WHERE dropped.sale_line_id = line.id AND %s)))
                                   THEN 'untouched' END AS kind
                         FROM sale_order orders
                         JOIN sale_order_line line ON line.order_id = orders.id AND line.display_type IS NULL
                        WHERE orders.state = 'sale'
                          AND orders.invoice_status IS DISTINCT FROM 'invoiced'
                          AND orders.o2c_draft_invoiced IS NOT TRUE
                        GROUP BY line.order_id
                       HAVING bool_and(line.product_uom_qty > 0 AND COALESCE(line.qty_invoiced, 0) = 0)) kinds
                WHERE kinds.order_id = sale_order.id AND kinds.kind IS NOT NULL""",
            SQL(SQL_MOVE_IS_DROPPED),
        )
    )
