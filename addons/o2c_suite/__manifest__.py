{
    "name": "Order-to-Cash Control",
    "summary": "The whole suite: credit, holds, approvals, exposure, register",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": [
        "sale_management",
        "contacts",
        "o2c_base",
        "o2c_approval",
        "o2c_hold",
        "o2c_exposure",
        "o2c_credit",
        "o2c_receipt",
    ],
    "application": True,
}
