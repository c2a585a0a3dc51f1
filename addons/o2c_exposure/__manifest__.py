{
    "name": "Order-to-Cash Control: Exposure",
    "summary": "Exposure, ageing and payment behaviour of customers, read from Odoo's own tables",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": ["o2c_base", "sale_stock"],
    "external_dependencies": {"python": ["xlsxwriter"]},
    "data": [
        "security/ir.model.access.csv",
        "security/o2c_exposure_security.xml",
    ],
    "pre_init_hook": "pre_init_hook",
}
