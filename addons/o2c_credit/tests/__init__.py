from . import test_credit_file
from . import test_credit_rules
from . import test_limit
from . import test_limit_attacks
from . import test_limit_takeover
from . import test_limit_verdict
from . import test_confirmation
