{
    "name": "Order-to-Cash Control: Test Models",
    "summary": "Small models on which the tests try the shared parts; not for production",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Order-to-Cash Control",
    "category": "Hidden/Tests",
    "depends": ["o2c_approval"],
    "data": [
        "security/ir.model.access.csv",
    ],
}
