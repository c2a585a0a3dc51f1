from . import (
    credit_policy,
    checkpoint_mixin,
    facts,
    sale_order,
    sale_order_period,
    account_move,
    receipt_allocation,
    credit_guarantee,
    payment_promise,
    credit_source,
    credit_monitor,
    credit_report,
)
