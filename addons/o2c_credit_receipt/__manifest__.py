{
    "name": "Order-to-Cash: Credit and payment schedules",
    "summary": "Grades ask for deposits, overdue instalments stop credit where the policy says so",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": ["o2c_credit", "o2c_receipt"],
    "data": ["data/control_data.xml", "views/credit_policy_views.xml"],
    "auto_install": True,
}
