{
    "name": "Order-to-Cash: First payment before installation",
    "summary": "Tasks of orders with a deposit start once it has come in",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": ["o2c_receipt", "sale_project"],
    "data": ["data/control_data.xml", "views/project_task_views.xml"],
    "auto_install": True,
}
