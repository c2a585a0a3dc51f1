from odoo import models
from odoo.addons.o2c_hold.models.facts import FactPart
from odoo.tools import SQL

OVERDUE = ("instalments_overdue", "instalments_since", "instalments_advance")


class Facts(models.AbstractModel):
    _inherit = "o2c.facts"

    def _term_fact_parts(self, checkpoint):
        """The deposit of the grade, from the terms that are read anyway."""
        parts = super()._term_fact_parts(checkpoint)
        if checkpoint == "order":
            for prefix, alone in (("credit", None), ("group_credit", SQL("0"))):
                deposit = SQL("COALESCE(%s, 0)", SQL.identifier(f"{prefix}_regular", "deposit"))
                parts.append(FactPart({f"{prefix}_deposit": deposit}, alone=alone))
        return parts

    def _fact_parts(self, checkpoint):
        """Overdue instalments of each debtor, where a policy of any company counts them."""
        parts = super()._fact_parts(checkpoint)
        if checkpoint in ("order", "delivery") and self.env["o2c.credit.policy"]._is_any_counting():
            parts.append(FactPart(
                {name: SQL.identifier("instalments", name) for name in OVERDUE}, self._sql_instalment_join()))
        return parts

    def _sql_instalment_join(self):
        """In company currency at the orders' rates: what is overdue on the day of the facts, since
        when, and what of the debtor's own receipts pays instalments and therefore nothing else.

        Money of a sister company is on her account: it lessens the instalments, and no credit of his.
        """
        scope = self.env["o2c.exposure"]._sql_scope(condition=SQL(
            """debtor.commercial_partner_id = keys.partner_id AND company.o2c_exposure_company_id = (
                   SELECT o2c_exposure_company_id FROM res_company WHERE id = keys.company_id)
               AND %s""", self.env["o2c.claim"]._sql_unfinished(None)))
        return SQL(
            """LEFT JOIN LATERAL (
                   WITH %s
                   SELECT COALESCE((SELECT SUM(axis.open / axis.rate) FROM sched_axis axis
                                     WHERE axis.due < keys.date), 0) AS instalments_overdue,
                          (SELECT MIN(axis.due) FROM sched_axis axis
                            WHERE axis.open > 0 AND axis.due < keys.date)::text AS instalments_since,
                          COALESCE((SELECT SUM(money.amount * heads.advance / heads.advances / heads.rate)
                                      FROM sched_heads heads
                                      JOIN sched_receipts money ON money.order_id = heads.id
                                      JOIN account_move entry ON entry.id = money.move_id
                                      JOIN res_partner payer ON payer.id = entry.partner_id
                                     WHERE heads.advances > 0
                                       AND payer.commercial_partner_id = keys.partner_id), 0)
                              AS instalments_advance
               ) instalments ON TRUE""",
            self.env["o2c.schedule"]._sql_chain(scope, SQL("keys.date")),
        )
