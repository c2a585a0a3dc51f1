from . import test_attacks
from . import test_authority
from . import test_decision
from . import test_delegate
from . import test_fingerprint
from . import test_rules
from . import test_screens
from . import test_segregation
