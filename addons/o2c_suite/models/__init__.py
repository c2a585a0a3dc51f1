from . import demo, demo_month, demo_projects, demo_receipts, demo_schedule
