from . import test_credit_receipt
