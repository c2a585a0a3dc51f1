from . import quantity_check
