from . import exposure, pos_order
