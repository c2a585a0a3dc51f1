"""Corporate groups come on the watch list: salespeople see those of their own customers."""

from odoo import SUPERUSER_ID, api

OF_SALESPERSON = (
    "['|', '&', ('partner_id', '!=', False), ('partner_id.user_id', 'in', (False, user.id)), "
    "('corporate_group_id.partner_ids.user_id', '=', user.id)]"
)


def migrate(cr, version):
    """Narrow the two rules, which an update leaves as they are: rows of groups have no customer."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in ("credit_watch_rule_salesman", "credit_watch_line_rule_salesman"):
        rule = env.ref(f"o2c_credit.{name}", raise_if_not_found=False)
        if rule:
            rule.domain_force = OF_SALESPERSON
