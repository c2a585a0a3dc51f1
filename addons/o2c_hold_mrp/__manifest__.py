{
    "name": "Order-to-Cash: Holds and Kits",
    "summary": "Deliveries of kits are compared with the order by their components",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": ["o2c_hold", "sale_mrp"],
    "auto_install": True,
}
