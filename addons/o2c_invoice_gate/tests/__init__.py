from . import (
    test_application,
    test_attacks,
    test_forecast,
    test_policy,
    test_rules,
    test_slip,
    test_speed,
    test_verdicts,
    test_worklist,
)
