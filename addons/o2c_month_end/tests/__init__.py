from . import (
    test_accrual_advance,
    test_accrual_attacks,
    test_accrual_figures,
    test_accrual_run,
    test_accrual_setup,
    test_quantity_check,
    test_rules,
)
