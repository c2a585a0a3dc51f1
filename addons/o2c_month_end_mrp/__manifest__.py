{
    "name": "Order-to-Cash: Month End and Kits",
    "summary": "Counts kits as of a day",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": ["o2c_month_end", "sale_mrp"],
    "auto_install": True,
}
