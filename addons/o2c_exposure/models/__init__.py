from . import res_company
from . import sale_order
from . import sale_order_line
from . import exposure
from . import exposure_sources
from . import exposure_weight
