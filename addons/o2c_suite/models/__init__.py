from . import demo, demo_projects, demo_receipts
