"""The people of the demo company: login, name, role in words, groups."""

PASSWORD = "o2c-demo"

PEOPLE = [
    ("sales", "Sara Sales", "Salesperson", ["sales_team.group_sale_salesman"]),
    ("salesmanager", "Martin Market", "Sales manager", ["sales_team.group_sale_manager"]),
    ("warehouse", "Walter Ward", "Warehouse", ["stock.group_stock_user"]),
    ("accountant", "Alice Account", "Accountant", ["account.group_account_invoice"]),
    ("officer", "Olga Officer", "Credit officer", ["o2c_base.group_credit_officer"]),
    ("creditmanager", "Carl Credit", "Credit manager", ["o2c_base.group_credit_manager"]),
    ("collector", "Chen Collect", "Collector", ["o2c_base.group_collector"]),
    (
        "finance",
        "Fiona Finance",
        "Finance officer",
        ["o2c_base.group_finance_officer", "account.group_account_invoice", "base.group_partner_manager"],
    ),
    ("director", "Diana Director", "Finance director", ["o2c_base.group_finance_director"]),
    ("gm", "Gustav General", "General manager", ["o2c_base.group_general_manager"]),
    ("legal", "Leo Legal", "Legal counsel", ["o2c_base.group_legal_counsel"]),
    ("policy", "Petra Policy", "Policy administrator", ["o2c_base.group_policy_administrator"]),
    ("auditor", "Anna Auditor", "Auditor", ["o2c_base.group_auditor"]),
]
