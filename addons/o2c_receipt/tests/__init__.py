from . import test_attacks
from . import test_collected
from . import test_currency
from . import test_online
from . import test_random
from . import test_rules
from . import test_speed
from . import test_wizards
