from . import test_order
from . import test_speed
from . import test_order_sinks
from . import test_release
from . import test_delivery
from . import test_invoice
from . import test_payment, test_portal
