from . import test_policy_by_grade
