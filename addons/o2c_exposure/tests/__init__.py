from . import test_exposure
from . import test_ledger_attacks
from . import test_ledger_facts
from . import test_ledger_import
from . import test_ledger_rules
