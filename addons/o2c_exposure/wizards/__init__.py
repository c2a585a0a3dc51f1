from . import ledger_import_revert
