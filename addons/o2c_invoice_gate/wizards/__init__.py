from . import delivery_slip_register, delivery_slip_void
