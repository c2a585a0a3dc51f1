from . import pos_order, pos_payment, stock_picking
