from . import pos_order, stock_picking
