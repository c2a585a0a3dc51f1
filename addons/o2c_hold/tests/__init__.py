from . import (
    test_delivery,
    test_duties,
    test_facts,
    test_invoice,
    test_order,
    test_order_sinks,
    test_payment,
    test_portal,
    test_reader,
    test_release,
    test_rules,
    test_speed,
)
