from . import (
    test_credit_receipt,
    test_monitored_instalments,
    test_paid_in_advance,
    test_paid_orders,
    test_promises,
    test_schedule_period,
)
