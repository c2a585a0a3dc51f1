from . import demo, demo_receipts
