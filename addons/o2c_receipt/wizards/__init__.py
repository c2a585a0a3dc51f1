from . import (
    instalment_choice,
    payment_promise_record,
    payment_promise_withdraw,
    receipt_allocate,
    receipt_allocate_line,
    receipt_reallocate,
    receipt_register,
    receipt_slip_take,
    receipt_slip_void,
    schedule_change,
    schedule_change_line,
)
