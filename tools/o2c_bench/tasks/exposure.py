"""Exposure of customers, and the search for those over their limit: the suite, Odoo and bare SQL."""

import resource
from pathlib import Path

from odoo import api

from ..bare_sql import EXPOSURE, OVER_LIMIT
from ..measure import measure

# Odoo cannot search for customers over their limit; the nearest thing is a search by what they owe.
ODOO_CREDIT = 1000


def _environment(env, user):
    env.invalidate_all()
    return api.Environment(env.cr, user, {"lang": "en_US", "tz": "UTC"})


def _answer(env, work, result=None):
    """Cost of the work, with `result(value)` of what it returned where the caller wants to compare."""
    cost, value = measure(env.cr, work)
    answer = {"cpu_ms": cost.cpu_ms, "postgres_ms": cost.postgres_ms, "queries": cost.queries}
    if result:
        answer["result"] = result(value)
    env.cr.rollback()
    return answer


# ----------------------------------------------------------------- EXPOSURE


def suite(env, partners, user, compare=False):
    """The suite's exposure of the customers in their company."""
    env = _environment(env, user)
    customers, company = env["res.partner"].browse(partners), env.company

    def result(exposures):
        return {
            str(partner): [float(amount.amount) for amount in exposure.components]
            for partner, exposure in exposures.items()
        }

    return _answer(
        env, lambda: env["o2c.exposure"]._get_exposure(customers, company), result if compare else None
    )


def bare(env, partners, user, compare=False):
    """The hand-written statement for the same customers and company."""
    env = _environment(env, user)
    params = {"company": env.company.id, "partners": partners}

    def work():
        env.cr.execute(EXPOSURE, params)
        return env.cr.fetchall()

    def result(rows):
        return {str(partner): [float(amount) for amount in amounts] for partner, *amounts in rows}

    return _answer(env, work, result if compare else None)


def odoo(env, partners, user):
    """What Odoo's own credit fields say: receivables and orders to invoice."""
    # The field counts orders only where the company uses Odoo's credit limits.
    env["res.company"].browse(env.company.id).account_use_credit_limit = True
    env.flush_all()
    env = _environment(env, user)
    customers = env["res.partner"].browse(partners)
    return _answer(env, lambda: [customer.credit + customer.credit_to_invoice for customer in customers])


def memory(env, partners, user):
    """Peak memory of this process in MB after the suite's exposure of the customers, and its growth."""
    before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    suite(env, partners, user)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"peak": round(peak, 1), "growth": round(max(peak - before, 0), 1)}


# ------------------------------------------------------------------- SEARCH


def search_suite(env, user, compare=False):
    """Search for customers over their limit."""
    env = _environment(env, user)
    search = env["res.partner"].search
    return _answer(env, lambda: search([("o2c_over_limit", "=", True)]).ids, sorted if compare else None)


def search_bare(env, user, compare=False):
    """The hand-written statement for the same search."""
    env = _environment(env, user)

    def work():
        env.cr.execute(OVER_LIMIT, {"company": env.company.id})
        return [partner for (partner,) in env.cr.fetchall()]

    return _answer(env, work, sorted if compare else None)


def search_odoo(env, user):
    """Search by what customers owe, which is as near as Odoo comes."""
    env = _environment(env, user)
    return _answer(env, lambda: env["res.partner"].search([("credit", ">", ODOO_CREDIT)]).ids)
