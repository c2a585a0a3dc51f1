{
    "name": "Order-to-Cash: Credit at the Till",
    "summary": "What goes on a customer's account at the till is judged as credit and counts as exposure",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": ["o2c_hold_pos", "o2c_credit"],
    "data": ["reports/exposure_report_views.xml"],
    "auto_install": True,
}
