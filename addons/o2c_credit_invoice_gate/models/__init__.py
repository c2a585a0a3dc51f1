from . import invoice_policy, preset
