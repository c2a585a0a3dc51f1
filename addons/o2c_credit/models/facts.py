from odoo import models
from odoo.addons.o2c_hold.models.facts import FactPart
from odoo.tools import SQL


class Facts(models.AbstractModel):
    _inherit = "o2c.facts"

    def _fact_parts(self, checkpoint):
        """Exposure and credit limit of each debtor, where credit is judged."""
        parts = super()._fact_parts(checkpoint)
        if checkpoint in ("order", "delivery"):
            parts += [FactPart(*part) for part in self.env["o2c.exposure"]._fact_parts()]
            parts.append(self._limit_fact_part())
        return parts

    def _limit_fact_part(self):
        """``credit_limit``: limit in force, 0 when it has ended, NULL when there never was one."""
        valid = SQL("(granted.date_to IS NULL OR granted.date_to >= keys.date)")
        join = SQL(
            """
            LEFT JOIN LATERAL (
                SELECT granted.id, %(valid)s AS is_valid,
                       CASE WHEN %(valid)s THEN granted.amount ELSE 0 END AS amount, granted.date_to
                  FROM o2c_credit_limit granted
                 WHERE granted.partner_id = keys.partner_id
                   AND granted.company_id = (
                       SELECT o2c_exposure_company_id FROM res_company WHERE id = keys.company_id)
                   AND granted.state = 'in_force'
                   AND granted.date_from <= keys.date
                 ORDER BY %(valid)s DESC, granted.date_from DESC, granted.id DESC
                 LIMIT 1
            ) credit_limit ON TRUE
            """,
            valid=valid,
        )
        columns = {
            "credit_limit": SQL("credit_limit.amount"),
            "credit_limit_id": SQL("credit_limit.id"),
            "credit_limit_valid": SQL("credit_limit.is_valid"),
            "credit_limit_until": SQL("credit_limit.date_to::text"),
        }
        return FactPart(columns, join)

    def _lock_keys(self, keys):
        """Two documents of one customer that are judged at the same moment collide here."""
        super()._lock_keys(keys)
        self.env["o2c.credit.profile"]._touch(keys)
