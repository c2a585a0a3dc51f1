from . import ledger_import_revert
from . import debtor_selection
from . import ageing
from . import ageing_line
from . import ageing_xlsx
from . import behaviour_report
from . import behaviour_line
