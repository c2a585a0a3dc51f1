"""What happens before the module's tables exist."""


def pre_init_hook(env):
    """Add the column of the agreed parts: no order has any yet, and Odoo need not compute them all."""
    add_agreed_parts(env.cr)


def add_agreed_parts(cr):
    """Add ``sale_order.o2c_agreed_parts``, empty: the order follows its payment term."""
    cr.execute("ALTER TABLE sale_order ADD COLUMN IF NOT EXISTS o2c_agreed_parts jsonb")
