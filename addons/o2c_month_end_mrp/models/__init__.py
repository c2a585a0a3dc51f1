from . import month_end_ledger
