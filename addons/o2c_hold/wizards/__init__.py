from . import hold_release
from . import sale_make_invoice_advance
from . import validate_account_move
