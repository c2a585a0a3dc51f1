from . import (
    credit_policy,
    checkpoint_mixin,
    facts,
    sale_order,
    payment_promise,
    credit_source,
    credit_monitor,
)
