"""Limits that nobody had approved become drafts of credit applications."""

from odoo import SUPERUSER_ID, api
from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Move what was never granted out of the table of granted terms; what was in force stays."""
    if not version or not column_exists(cr, "o2c_credit_limit", "state"):
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute(
        """
        SELECT id, partner_id, company_id, currency_id, amount, date_from, date_to, reason
          FROM o2c_credit_limit
         WHERE state IS DISTINCT FROM 'in_force' AND application_id IS NULL AND source = 'application'
         ORDER BY id
        """
    )
    rows = cr.dictfetchall()
    ids = [row.pop("id") for row in rows]
    pending = env["o2c.request"].search(
        [("res_model", "=", "o2c.credit.limit"), ("res_id", "in", ids), ("state", "=", "pending")]
    )
    # First, so that no draft follows terms that were never granted.
    cr.execute("DELETE FROM o2c_credit_limit WHERE id = ANY(%s)", (ids,))
    env["o2c.credit.application"].create(rows)
    pending._lapse(env._("Limits are applied for anew: the draft stands under Credit applications."))
    # The column has told everything: rows that come now have no state.
    cr.execute("ALTER TABLE o2c_credit_limit DROP COLUMN state")
