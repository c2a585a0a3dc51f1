{
    "name": "Order-to-Cash: Invoice policies by grade",
    "summary": "An invoice policy can be for customers of some grades",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": ["o2c_credit", "o2c_invoice_gate"],
    "data": ["views/invoice_policy_views.xml"],
    "auto_install": True,
}
