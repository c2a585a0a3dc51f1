from . import hold_release, sale_make_invoice_advance, validate_account_move
