"""What happens before the module's tables exist."""


def pre_init_hook(env):
    """Add the column of ``sale.order.o2c_draft_invoiced`` and fill it where it is true.

    A new stored computed field makes Odoo compute and rewrite every order that was ever
    taken. A column that is there already is left alone, and only orders that have a draft
    invoice at this moment need a value; empty counts as false.
    """
    env.cr.execute("ALTER TABLE sale_order ADD COLUMN IF NOT EXISTS o2c_draft_invoiced boolean")
    env.cr.execute(
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
