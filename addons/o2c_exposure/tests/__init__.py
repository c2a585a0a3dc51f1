from . import test_exposure
from . import test_ledger_facts
