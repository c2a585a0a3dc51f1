from . import (
    test_attacks,
    test_authority,
    test_decision,
    test_delegate,
    test_fingerprint,
    test_rules,
    test_screens,
    test_segregation,
)
