{
    "name": "Order-to-Cash: Example of a control",
    "summary": "Holds orders that the customer has not confirmed in writing",
    "version": "19.0.1.0.0",
    "category": "Accounting/Order-to-Cash",
    "author": "Order-to-Cash Control",
    "license": "LGPL-3",
    "depends": ["o2c_hold"],
    "data": ["data/control_data.xml"],
}
