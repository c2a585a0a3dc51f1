from odoo import models
from odoo.addons.o2c_hold.models.facts import FactPart
from odoo.tools import SQL


class Facts(models.AbstractModel):
    _inherit = "o2c.facts"

    def _fact_parts(self, checkpoint):
        """Exposure, overdue items, terms of each debtor and of its group, where credit is judged.

        ``exposure_*``, ``overdue_*``; ``credit_*`` the customer's own terms and whether it has a credit
        file, ``group_credit_*`` the terms of its corporate group, ``group_exposure_*`` what the group owes.
        See ``o2c.credit.limit._sql_*``.
        """
        parts = super()._fact_parts(checkpoint)
        if checkpoint in ("order", "delivery"):
            parts += [FactPart(*part) for part in self.env["o2c.exposure"]._fact_parts()]
            parts.append(self._overdue_fact_part())
        return parts + self._term_fact_parts(checkpoint)

    def _overdue_fact_part(self):
        """Days of the oldest overdue item, from the same scan as the receivables."""
        return FactPart({"overdue_days": SQL("COALESCE(keys.date - exposure.overdue_since, 0)")})

    def _term_fact_parts(self, checkpoint):
        """Terms in force. An invoice is judged by its credit period only."""
        limits = self.env["o2c.credit.limit"]
        own = SQL("granted.partner_id = keys.partner_id")
        group = SQL("granted.corporate_group_id = credit_debtor.o2c_corporate_group_id")
        debtor = SQL("LEFT JOIN res_partner credit_debtor ON credit_debtor.id = keys.partner_id")
        parts = [FactPart({}, limits._sql_owner_join()), FactPart({}, debtor)]
        for prefix, subject, alone in (("credit", own, None), ("group_credit", group, SQL("NULL"))):
            columns = limits._sql_term_columns(prefix)
            parts.append(FactPart(columns, limits._sql_term_joins(prefix, subject), alone))
        if checkpoint in ("order", "delivery"):
            # Of customers without a group nothing more is read.
            gate = SQL("credit_debtor.o2c_corporate_group_id IS NOT NULL")
            group_parts = self.env["o2c.exposure"]._group_fact_parts(gate)
            parts += [FactPart(*part, alone=SQL("0")) for part in group_parts]
            parts.append(FactPart({"credit_has_file": self._sql_has_file()}))
        return parts

    def _sql_has_file(self):
        """Whether the customer has a credit file, or its group where that one's terms are used (K1)."""
        return SQL(
            """EXISTS (
                SELECT FROM o2c_credit_file file
                 WHERE file.company_id = credit_owner.id AND file.active
                   AND (file.partner_id = keys.partner_id
                        OR (credit_regular.id IS NULL
                            AND file.corporate_group_id = credit_debtor.o2c_corporate_group_id)))"""
        )

    def _lock_keys(self, keys):
        """Two documents of one customer or group that are judged at the same moment collide here."""
        super()._lock_keys(keys)
        self.env["o2c.credit.profile"]._touch(keys)
