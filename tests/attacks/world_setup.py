"""Server side of the attacked company: runs inside Odoo's shell, as superuser.

Only what an administrator would set up: users with real groups, customers with
a credit limit of 1,000, goods in stock, an authority table, controls enforcing.
Prints what the attackers need to know as one line of JSON.
"""

import json
from datetime import timedelta

from odoo import Command, fields

env = globals()["env"]  # Odoo's shell provides it

CUSTOMERS = 780
GATED = 140
LIMIT = 1000.0
PASSWORD = "attack-me-not-1"

USERS = {
    # login: (name, groups)
    "sam": ("Sam Sales", ["sales_team.group_sale_salesman", "base.group_partner_manager"]),
    "sue": ("Sue Sales", ["sales_team.group_sale_salesman_all_leads"]),
    "boss": ("Bob Salesmanager", ["sales_team.group_sale_manager"]),
    "wanda": ("Wanda Warehouse", ["stock.group_stock_user"]),
    "wim": ("Wim Warehousemanager", ["stock.group_stock_manager"]),
    "adam": ("Adam Billing", ["account.group_account_invoice", "sales_team.group_sale_salesman_all_leads"]),
    "ada": ("Ada Accountant", ["account.group_account_manager", "sales_team.group_sale_salesman_all_leads"]),
    "bea": (
        "Bea Bookkeeper",
        [
            "account.group_account_manager",
            "account.group_account_basic",
            "sales_team.group_sale_salesman_all_leads",
        ],
    ),
    "olga": ("Olga Officer", ["o2c_base.group_credit_officer", "sales_team.group_sale_salesman_all_leads"]),
    "otto": (
        "Otto Officer",
        ["o2c_base.group_credit_officer", "base.group_partner_manager", "base.group_erp_manager"],
    ),
    "mia": ("Mia Manager", ["o2c_base.group_credit_manager", "sales_team.group_sale_salesman_all_leads"]),
    "max": ("Max Manager", ["o2c_base.group_credit_manager"]),
    "fred": ("Fred Finance", ["o2c_base.group_finance_director"]),
    "fiona": ("Fiona Finance", ["o2c_base.group_finance_officer"]),
    "both": (
        "Bo Bothroles",
        [
            "o2c_base.group_credit_manager",
            "o2c_base.group_finance_director",
            "sales_team.group_sale_salesman_all_leads",
        ],
    ),
    "petra": ("Petra Policy", ["o2c_base.group_policy_administrator"]),
    "audrey": ("Audrey Auditor", ["o2c_base.group_auditor"]),
    "emil": ("Emil Employee", ["base.group_user"]),
    "root": (
        "Ruth Root",
        [
            "base.group_system",
            "sales_team.group_sale_manager",
            "account.group_account_manager",
            "stock.group_stock_manager",
        ],
    ),
}


def make_users():
    """Users with an API key each."""
    users, keys = {}, {}
    company = env.company
    for login, (name, groups) in USERS.items():
        users[login] = (
            env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": name,
                    "login": login,
                    "email": f"{login}@example.com",
                    "password": PASSWORD,
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                    "group_ids": [Command.set([env.ref(group).id for group in {*groups, "base.group_user"}])],
                }
            )
        )
        keys[login] = (
            env["res.users.apikeys"]
            .with_user(users[login])
            .sudo()
            ._generate("rpc", "attacks", fields.Datetime.now() + timedelta(days=1))
        )
    return users, keys


def make_credit_policy():
    """What each grade grants; overdue items stop nobody here."""
    env["o2c.credit.policy"].create(
        {
            "name": "Credit",
            "company_id": env.company.id,
            "date_from": "2020-01-01",
            "overdue_days": 0,
            "grade_line_ids": [
                Command.create(
                    {
                        "grade_id": env.ref(f"o2c_credit.grade_{name}").id,
                        "limit_method": "fixed",
                        "limit_floor": 1_000_000.0,
                        "period_days": 60,
                        "may_change_grade": True,
                    }
                )
                for name in ("a", "b")
            ],
        }
    ).action_put_in_force()


def put_in_force(partners, amount):
    """Grade B and a limit as approved applications would leave them."""
    env["o2c.credit.limit"]._guarded_create(
        [
            {
                "partner_id": partner.id,
                "company_id": env.company.id,
                "currency_id": env.company.currency_id.id,
                "grade_id": env.ref("o2c_credit.grade_b").id,
                "amount": amount,
                "period_days": 60,
                "date_from": fields.Date.today(),
                "review_date": fields.Date.today() + timedelta(days=180),
            }
            for partner in partners
        ]
    )


def make_customers(users):
    """Customers of Sam, each with the same limit and nothing open."""
    country = env.ref("base.us")
    partners = env["res.partner"].create(
        [
            {
                "name": f"Customer {number:03}",
                "is_company": True,
                "country_id": country.id,
                "email": f"customer{number}@example.com",
                "user_id": users["sam"].id,
            }
            for number in range(CUSTOMERS)
        ]
    )
    put_in_force(partners, LIMIT)
    rich = env["res.partner"].create(
        {"name": "Rich Customer", "is_company": True, "user_id": users["sue"].id}
    )
    put_in_force(rich, 1_000_000.0)
    poor = env["res.partner"].create(
        {"name": "Poor Customer", "is_company": True, "user_id": users["sam"].id}
    )
    put_in_force(poor, 0.0)
    return partners, rich, poor


def make_portal_user(partner):
    """The customer's own login."""
    contact = env["res.partner"].create(
        {"name": "Polly Portal", "parent_id": partner.id, "email": "polly@example.com"}
    )
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Polly Portal",
                "login": "polly",
                "partner_id": contact.id,
                "password": PASSWORD,
                "group_ids": [Command.set([env.ref("base.group_portal").id])],
            }
        )
    )


def make_product(name="Pump", price=100.0, **values):
    """A storable product in stock, without taxes."""
    product = env["product.product"].create(
        {
            "name": name,
            "type": "consu",
            "is_storable": True,
            "list_price": price,
            "standard_price": price / 2,
            "invoice_policy": "order",
            "taxes_id": [Command.clear()],
            **values,
        }
    )
    if product.is_storable:
        location = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1).lot_stock_id
        env["stock.quant"]._update_available_quantity(product, location, 1_000_000)
    return product


def make_authority():
    """Who releases how much; without these rows nobody could."""
    env["o2c.authority"].search([("company_id", "=", env.company.id)]).unlink()
    tops = {
        "hold_release": 100_000.0,
        "order_change": 100_000.0,
        "credit_limit": 1_000_000.0,
        "credit_guarantee": 1_000_000.0,
    }
    for kind, top in tops.items():
        for role, amount in (("credit_manager", 1000.0), ("finance_director", top)):
            env["o2c.authority"].create(
                {
                    "company_id": env.company.id,
                    "kind": kind,
                    "group_id": env.ref(f"o2c_base.group_{role}").id,
                    "amount_to": amount,
                }
            )


def make_gate(users):
    """Customers whose orders are invoiced when 60 % are collected and the finance director has signed."""
    tag = env["res.partner.category"].create({"name": "Gated"})
    env["o2c.invoice.policy"].create(
        {
            "name": "Gate",
            "company_id": env.company.id,
            "date_from": "2020-01-01",
            "partner_category_ids": [Command.set(tag.ids)],
        }
    ).action_put_in_force()
    for kind in ("invoice_application", "invoice_exception"):
        for role, amount in (("finance_officer", 0.0), ("finance_director", 1_000_000.0)):
            env["o2c.authority"].create(
                {
                    "company_id": env.company.id,
                    "kind": kind,
                    "group_id": env.ref(f"o2c_base.group_{role}").id,
                    "amount_to": amount,
                }
            )
    partners = env["res.partner"].create(
        [
            {
                "name": f"Gated {number:02}",
                "is_company": True,
                "user_id": users["sam"].id,
                "category_id": [Command.set(tag.ids)],
            }
            for number in range(GATED)
        ]
    )
    put_in_force(partners, 1_000_000.0)
    return partners


def enforce():
    """Every control of the suite stops what it finds."""
    for control in env["o2c.control"].search([]):
        setting = env["o2c.control.setting"].search(
            [("control_id", "=", control.id), ("company_id", "=", env.company.id)]
        )
        if not setting:
            setting = env["o2c.control.setting"].create(
                {"control_id": control.id, "company_id": env.company.id}
            )
        setting.write({"mode": "enforcing", "severity": control.default_severity})


def main():
    """Build everything and describe it."""
    users, keys = make_users()
    make_authority()
    make_credit_policy()
    partners, rich, poor = make_customers(users)
    gated = make_gate(users)
    polly = make_portal_user(partners[-1])
    enforce()
    tax = env["account.tax"].create({"name": "Tax 50%", "amount": 50.0, "type_tax_use": "sale"})
    customers = env.ref("stock.stock_location_customers")
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    description = {
        "users": {login: user.id for login, user in users.items()} | {"polly": polly.id},
        "keys": keys,
        "password": PASSWORD,
        "company": env.company.id,
        "customers": partners[:-1].ids,
        "gated": gated.ids,
        "portal_customer": partners[-1].id,
        "portal_contact": polly.partner_id.id,
        "rich": rich.id,
        "poor": poor.id,
        "pump": make_product().id,
        "crane": make_product("Crane", 1.0).id,
        "advice": make_product("Advice", 100.0, type="service", is_storable=False).id,
        "tax50": tax.id,
        "unit": env.ref("uom.product_uom_unit").id,
        "dozen": env.ref("uom.product_uom_dozen").id,
        "location_customers": customers.id,
        "location_stock": warehouse.lot_stock_id.id,
        "location_suppliers": env.ref("stock.stock_location_suppliers").id,
        "type_out": warehouse.out_type_id.id,
        "type_in": warehouse.in_type_id.id,
        "type_int": warehouse.int_type_id.id,
        "demo_provider": env["payment.provider"].search([("code", "=", "demo")], limit=1).id,
    }
    print("WORLD", json.dumps(description))


main()
