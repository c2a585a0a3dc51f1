{
    "name": "Order-to-Cash: Holds and Point of Sale",
    "summary": "What is paid at the till passes the controls of orders, deliveries and invoices",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": ["o2c_hold", "point_of_sale"],
    "auto_install": True,
}
