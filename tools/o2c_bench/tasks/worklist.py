"""Orders to invoice, their forecast and claims: the suite and bare SQL.

A policy of 60 % for whole orders is put in force in the transaction of the process, which nothing commits; so
these tasks read and never roll back.
"""

from odoo import api

from ..bare_sql import CLAIMS, FORECAST, WORKLIST
from ..measure import measure
from .suite import FIRST_DAY

PAGE = 80
THRESHOLD = 60.0


def _run(env, user, work, result=None):
    """Cost of `work(env)` with the rights of the user; with `result(value)` where the caller compares."""
    env.invalidate_all()
    env = api.Environment(env.cr, user, {"lang": "en_US", "tz": "UTC"})
    cost, value = measure(env.cr, lambda: work(env))
    answer = {"cpu_ms": cost.cpu_ms, "postgres_ms": cost.postgres_ms, "queries": cost.queries}
    if result:
        answer["result"] = result(value)
    return answer


def prepare(env, user):
    """Let a policy judge all orders; how many are not invoiced in full."""
    policies = env["o2c.invoice.policy"].sudo()
    policy = policies.create(
        {"name": "Bench", "company_id": env.company.id, "date_from": FIRST_DAY, "threshold": THRESHOLD}
    )
    policy.action_put_in_force()
    env.flush_all()
    reader = api.Environment(env.cr, user, {"lang": "en_US", "tz": "UTC"})
    return reader["o2c.invoice.worklist"].search_count([])


def _sums(rows):
    """Figures by the text of what they are grouped by; groups of nothing are left out."""
    groups = {}
    for key, *amounts in rows:
        key = str(getattr(key, "id", key) or None)
        groups[key] = [
            before + float(amount or 0)
            for before, amount in zip(groups.get(key, [0.0] * len(amounts)), amounts, strict=True)
        ]
    return {key: amounts for key, amounts in groups.items() if any(abs(one) > 0.004 for one in amounts)}


def _bare(env, user, statement, compare):
    def work(env):
        env.cr.execute(statement, {"company": env.company.id, "threshold": THRESHOLD})
        return env.cr.fetchall()

    return _run(env, user, work, _sums if compare else None)


# ---------------------------------------------------------------- AGGREGATES


def worklist(env, user, compare=False):
    """Number, missing money and delivered value by status."""

    def work(env):
        aggregates = ["__count", "missing_company:sum", "delivered_open:sum"]
        return env["o2c.invoice.worklist"]._read_group([], ["status"], aggregates)

    return _run(env, user, work, _sums if compare else None)


def bare_worklist(env, user, compare=False):
    """The hand-written statement for the same."""
    return _bare(env, user, WORKLIST, compare)


def forecast(env, user, compare=False):
    """What can be invoiced by month."""

    def work(env):
        return env["o2c.invoice.forecast"]._read_group([], ["date:month"], ["__count", "amount_company:sum"])

    return _run(env, user, work, _sums if compare else None)


def bare_forecast(env, user, compare=False):
    """The hand-written statement for the same."""
    return _bare(env, user, FORECAST, compare)


def claims(env, user, compare=False):
    """What customers owe, and what of it is overdue."""

    def work(env):
        return env["o2c.claim"]._read_group([], ["partner_id"], ["amount:sum", "amount_overdue:sum"])

    return _run(env, user, work, _sums if compare else None)


def bare_claims(env, user, compare=False):
    """The hand-written statement for the same."""
    return _bare(env, user, CLAIMS, compare)


# --------------------------------------------------------------------- LISTS


def worklist_page(env, user):
    """First page as the list shows it."""
    return _page(env, user, "o2c.invoice.worklist", ["status", "missing", "delivered_open"])


def forecast_page(env, user):
    """First page as the list shows it."""
    return _page(env, user, "o2c.invoice.forecast", ["date", "basis", "amount"])


def claims_page(env, user):
    """First page as the list shows it."""
    return _page(env, user, "o2c.claim", ["date_due", "amount", "days_overdue"])


def _page(env, user, model, names):
    return _run(env, user, lambda env: env[model].search_fetch([], names, limit=PAGE).ids)
