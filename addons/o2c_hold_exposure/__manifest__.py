{
    "name": "Order-to-Cash: Opening items pass the controls",
    "summary": "Open items taken over from another system are outside the invoice controls",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": ["o2c_hold", "o2c_exposure"],
    "auto_install": True,
}
