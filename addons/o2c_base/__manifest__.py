{
    "name": "Order-to-Cash Control: Base",
    "summary": "Roles, register of decisions, dated policies, long runs and the Order-to-Cash app",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Order-to-Cash Control",
    "category": "Accounting/Order-to-Cash",
    "depends": ["mail", "account", "sales_team"],
    "data": [
        "security/o2c_groups.xml",
        "security/ir.model.access.csv",
        "security/o2c_rules.xml",
        "views/o2c_menus.xml",
        "views/o2c_register_views.xml",
    ],
    "application": True,
    "installable": True,
}
