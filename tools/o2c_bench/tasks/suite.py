"""The suite's own settings in a ledger; without the suite there is nothing to do."""

# High enough for every order of the benchmark to pass.
HIGH_LIMIT = 1_000_000_000
# One customer in twenty is over this limit, if it owes anything to speak of.
LOW_LIMIT = 500
LOW_EVERY = 20
FIRST_DAY = "2000-01-01"


def is_installed(env):
    """Whether the database has the suite."""
    return "o2c.exposure" in env


def grant_limit(customer, company):
    """Grade the customer, with a limit in force, and make the row on which its decisions collide."""
    env = customer.env
    if "o2c.credit.limit" not in env:
        return
    values = {
        "partner_id": customer.id,
        "company_id": company.id,
        "currency_id": company.currency_id.id,
        "grade_id": env.ref("o2c_credit.grade_b").id,
        "amount": HIGH_LIMIT,
        "period_days": 365,
        "date_from": FIRST_DAY,
    }
    env["o2c.credit.limit"].sudo()._guarded_create([values])
    env["o2c.credit.profile"]._touch([(company.id, customer.id)])


def allocate(payment, order):
    """Give the whole receipt to the order."""
    if "o2c.receipt.allocation" in payment.env:
        payment.env["o2c.receipt.allocation"]._allocate(payment, {order: payment.amount})


def make_policy(env):
    """A credit policy in force that judges overdue items and finds none too old."""
    if "o2c.credit.policy" in env:
        policies = env["o2c.credit.policy"].sudo()
        values = {"name": "Bench", "company_id": env.company.id, "date_from": FIRST_DAY}
        limits = {"overdue_days": 100_000, "overdue_share": 100.0}
        policy = policies.create({**values, **limits})
        policy.action_put_in_force()
        # As after the first order of its life: the first use clears caches, and is no figure of an order.
        policy._mark_used()


def judge_invoices(env):
    """Put an invoice policy of 60 % in force; of what is collected in full it asks for no application."""
    if "o2c.invoice.policy" in env:
        values = {"name": "Bench", "company_id": env.company.id, "date_from": FIRST_DAY, "threshold": 60.0}
        policy = env["o2c.invoice.policy"].sudo().create({**values, "paid_exempt": True})
        policy.action_put_in_force()
        policy._mark_used()


def prepare(env, facts):
    """Let all controls enforce, and give some customers a low limit."""
    if "o2c.control.setting" in env:
        env["o2c.control.setting"].sudo().search([]).write({"mode": "enforcing"})
        make_policy(env)
    if "o2c.credit.limit" in env:
        first, last = facts["customers"]
        env.cr.execute(
            """UPDATE o2c_credit_limit SET amount = %s
                WHERE partner_id BETWEEN %s AND %s AND (partner_id - %s) %% %s = 0""",
            (LOW_LIMIT, first, last, first, LOW_EVERY),
        )
    env.cr.commit()
    return sorted(name for name in env.registry._init_modules if name.startswith("o2c_"))
