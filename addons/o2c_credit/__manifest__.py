{
    "name": "Order-to-Cash: Credit",
    "summary": "Customers are graded, limits follow the grade through approvals, orders and deliveries obey",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": ["o2c_hold", "o2c_exposure"],
    "data": [
        "security/ir.model.access.csv",
        "security/o2c_credit_rules.xml",
        "data/control_data.xml",
        "data/credit_grade_data.xml",
        "wizards/limit_takeover_views.xml",
        "views/credit_limit_views.xml",
        "views/credit_policy_views.xml",
        "views/res_partner_views.xml",
    ],
}
