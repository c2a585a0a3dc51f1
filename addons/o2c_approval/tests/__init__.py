from . import test_authority
from . import test_decision
from . import test_rules
