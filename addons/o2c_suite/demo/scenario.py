"""What the demo company sells, to whom, and what has happened so far. Amounts in its currency."""

COMPANY = "Harbour Supplies"

PRODUCTS = [  # name, price, cost, on hand
    ("Coffee machine", 1150.0, 700.0, 200),
    ("Grinder", 420.0, 250.0, 300),
    ("Espresso beans, box", 96.0, 60.0, 2000),
    ("Milk cooler", 610.0, 380.0, 150),
    ("Water filter", 38.0, 18.0, 3000),
]

# name, city, country code, grade and limit (None: never graded), amounts of open invoices by days since issue
CUSTOMERS = [
    ("Blue Lagoon Hotels", "Valletta", "MT", ("a", 20000.0), [(12, 6000.0), (40, 2600.0)]),
    ("North Star Retail", "Tromsø", "NO", ("b", 50000.0), [(20, 21000.0), (75, 14500.0)]),
    ("Kwan Tea Houses", "Hong Kong", "HK", ("c", 8000.0), [(65, 7900.0)]),
    ("Porto Cafés", "Porto", "PT", ("aa", 15000.0), []),
    ("Van Dijk Catering", "Rotterdam", "NL", None, [(5, 1900.0)]),
    ("Rio Hospitality", "Rio de Janeiro", "BR", None, []),
    ("Lisbon Fair Halls", "Lisbon", "PT", ("a", 90000.0), []),
    ("Alpine Lodges", "Innsbruck", "AT", ("a", 40000.0), []),
]

# The scorecard of the company comes from this preset; thresholds and grades are its own.
PRESET = "o2c_credit/presets/international_ifrs.json"
POLICY = {  # thresholds of all credit policies; the oldest demo invoice is 45 days overdue
    "overdue_days": 60,
    "overdue_min_amount": 100.0,
    "overdue_share": 0.0,
    "release_deviation": 2.0,
    "new_cover": 0.0,
    "foreign_cover": 0.0,
    "suspend_overdue_days": 0,
}
POLICIES = [  # name, sequence, countries (none: all), what differs from POLICY
    ("Credit policy", 10, [], {}),
    ("Credit policy overseas", 5, ["BR"], {"foreign_cover": 50.0, "suspend_overdue_days": 30}),
]

GRADES = [  # grade, lowest score, months of sales that may be owed, credit period, tolerance in percent
    ("aaa", 90.0, 4.0, 60, 5.0),
    ("aa", 80.0, 3.0, 60, 2.0),
    ("a", 70.0, 2.0, 45, 0.0),
    ("b", 55.0, 1.5, 30, 0.0),
    ("c", 40.0, 1.0, 30, 0.0),
    ("d", 0.0, 0.0, 0, 0.0),
]

ORDERS = [  # key, customer, lines (product, quantity), what the salesperson has done with it
    ("within", "Porto Cafés", [("Coffee machine", 4), ("Water filter", 20)], "confirm"),
    ("deposit", "Porto Cafés", [("Grinder", 4), ("Milk cooler", 2)], "confirm"),
    ("quotation", "Blue Lagoon Hotels", [("Coffee machine", 12), ("Grinder", 4)], "quotation"),
    ("waiting", "North Star Retail", [("Milk cooler", 30), ("Espresso beans, box", 20)], "ask"),
    ("stopped", "Kwan Tea Houses", [("Espresso beans, box", 30)], "confirm"),
    ("overseas", "Rio Hospitality", [("Coffee machine", 4), ("Grinder", 2)], "quotation"),
    ("overseas-big", "Rio Hospitality", [("Milk cooler", 40)], "quotation"),
]

# One order has a deposit, one payment is for two orders, some cash is still with the salesperson.
DEPOSIT = ("deposit", 870.0)
TRANSFER = (3000.0, {"within": 2500.0, "deposit": 500.0})
CASH = ("deposit", 150.0)

AUTHORITY = {  # kind: [(role, up to; None: any amount)]
    "hold_release": [
        ("o2c_base.group_credit_manager", 5000.0),
        ("o2c_base.group_finance_director", 50000.0),
        ("o2c_base.group_general_manager", None),
    ],
    "order_change": [
        ("o2c_base.group_credit_manager", 5000.0),
        ("o2c_base.group_finance_director", 50000.0),
        ("o2c_base.group_general_manager", None),
    ],
    "credit_limit": [
        ("o2c_base.group_credit_manager", 25000.0),
        ("o2c_base.group_finance_director", 200000.0),
        ("o2c_base.group_general_manager", None),
    ],
    "credit_guarantee": [
        ("o2c_base.group_credit_manager", 25000.0),
        ("o2c_base.group_finance_director", 200000.0),
        ("o2c_base.group_general_manager", None),
    ],
    "accrual": [("o2c_base.group_finance_director", None)],
}

# Projects: no invoice before 60 % are in and the finance director has signed.
PROJECT_TAG = "Projects"
PROJECT_CUSTOMER = "Lisbon Fair Halls"
PROJECT_AUTHORITY = {
    "invoice_application": [
        ("o2c_base.group_finance_officer", 0.0),
        ("o2c_base.group_finance_director", None),
    ],
    "invoice_exception": [
        ("o2c_base.group_finance_officer", 0.0),
        ("o2c_base.group_finance_director", 20000.0),
        ("o2c_base.group_general_manager", None),
    ],
}
PROJECTS = [  # key, lines (product, quantity), share collected, deeds that follow
    ("project", [("Coffee machine", 10)], 0.0, []),
    ("project-near", [("Grinder", 20)], 0.5, ["deliver"]),
    ("project-ready", [("Milk cooler", 8)], 0.6, ["deliver", "sign"]),
    ("project-applied", [("Espresso beans, box", 60)], 0.75, ["deliver", "sign", "apply"]),
]
PROJECT_PROMISES = {  # key of a project: (who records it, days from today, share of the order, who promised)
    "project": [("sales", 6, 0.4, "Rui Costa"), ("collector", 20, 0.2, "Ana Lopes, bookkeeping")],
    "project-near": [("finance", 3, 0.1, "Ana Lopes, bookkeeping")],
}

COSIGNATURES = {  # kind: roles that countersign whatever the amount
    "credit_limit": ["sales_team.group_sale_manager"],
}

# Agreed instalments: goods leave after the deposit. The payment request for it is with the customer.
SCHEDULE = "30 % deposit, rest 30 days after delivery"
SCHEDULE_PARTS = [
    {"kind": "deposit", "percent": 30, "trigger": "confirmation"},
    {"kind": "on_delivery", "percent": 70, "days": 30},
]
SCHEDULED = ("schedule", "Alpine Lodges", [("Coffee machine", 6), ("Milk cooler", 4)])

# Left in the last days of last month, and nobody has invoiced it: what a month-end run books.
LAST_MONTH = [  # key, customer, lines (product, ordered, delivered), days before the end of the month
    ("month-whole", "Alpine Lodges", [("Espresso beans, box", 20, 20)], 6),
    ("month-part", "Alpine Lodges", [("Grinder", 10, 4), ("Water filter", 60, 60)], 3),
]
