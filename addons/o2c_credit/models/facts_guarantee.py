from odoo import models
from odoo.addons.o2c_hold.models.facts import FactPart
from odoo.tools import SQL

# Joined for the terms of credit already.
OWNER = SQL("credit_owner.id")
GROUP = SQL("credit_debtor.o2c_corporate_group_id")


class Facts(models.AbstractModel):
    """Guarantees of each debtor, and what makes them necessary (K5)."""

    _inherit = "o2c.facts"

    def _fact_parts(self, checkpoint):
        parts = super()._fact_parts(checkpoint)
        if checkpoint in ("order", "delivery"):
            parts.append(self._guarantee_fact_part())
        return parts

    def _guarantee_fact_part(self):
        """Amounts in company currency, at the rate of the day; 0 without guarantees.

        ``guarantee_cover``: of the customer and of its corporate group; ``guarantee_own``: of
        the customer alone; ``group_guarantee_cover``: of the group and all its members.
        ``guarantee_addition`` and ``group_guarantee_addition``: what is granted on top of the
        limit of the customer, of the group. ``guarantee_is_foreign``: another country than that
        of the company.
        """
        columns = {
            name: SQL.identifier("guarantee", name)
            for name in (
                "guarantee_cover",
                "guarantee_own",
                "group_guarantee_cover",
                "guarantee_addition",
                "group_guarantee_addition",
            )
        }
        columns["guarantee_is_foreign"] = self._sql_is_foreign()
        return FactPart(columns, self._sql_guarantees())

    def _sql_guarantees(self):
        condition = SQL(
            """g.company_id = %(owner)s
            AND (g.partner_id = keys.partner_id
                 OR g.corporate_group_id = %(group)s
                 OR g.partner_id IN (SELECT id FROM res_partner WHERE o2c_corporate_group_id = %(group)s))
            """,
            owner=OWNER,
            group=GROUP,
        )
        return SQL(
            """
            LEFT JOIN LATERAL (
                SELECT COALESCE(SUM(cover) FILTER (WHERE is_own OR is_shared), 0) AS guarantee_cover,
                       COALESCE(SUM(cover) FILTER (WHERE is_own), 0) AS guarantee_own,
                       COALESCE(SUM(cover), 0) AS group_guarantee_cover,
                       COALESCE(SUM(cover) FILTER (WHERE is_own AND adds_to_limit), 0)
                           AS guarantee_addition,
                       COALESCE(SUM(cover) FILTER (WHERE is_shared AND adds_to_limit), 0)
                           AS group_guarantee_addition
                  FROM (SELECT cover, adds_to_limit,
                               partner_id IS NULL AS is_shared,
                               partner_id IS NOT DISTINCT FROM keys.partner_id AS is_own
                          FROM (%s) counted) covers
            ) guarantee ON TRUE
            """,
            self.env["o2c.credit.guarantee"]._sql_cover(condition, SQL("keys.date")),
        )

    def _is_first_sale(self, company, partner):
        """Whether nothing was delivered to a debtor so far, here or, by an imported ledger, in the former
        system.

        A query of its own, because only policies that ask new customers for cover want to know, and
        looking through the paid history of an old customer costs more than all facts together.
        """
        self.env.flush_all()
        [[is_first]] = self.env.execute_query(
            SQL(
                """
                SELECT NOT (
                    EXISTS (
                        SELECT FROM sale_order past
                          JOIN res_partner debtor ON debtor.id = past.partner_invoice_id
                          JOIN res_company seller ON seller.id = past.company_id
                          JOIN sale_order_line line ON line.order_id = past.id
                         WHERE debtor.commercial_partner_id = %(partner)s
                           AND seller.o2c_exposure_company_id = %(owner)s
                           AND past.state = 'sale'
                           AND line.qty_delivered > 0
                           AND line.product_id IS NOT NULL
                           AND line.is_downpayment IS NOT TRUE)
                    OR EXISTS (
                        SELECT FROM o2c_payment_history history
                         WHERE history.partner_id = %(partner)s AND history.company_id = %(owner)s)
                    OR EXISTS (
                        SELECT FROM account_move opening
                          JOIN res_partner debtor ON debtor.id = opening.partner_id
                          JOIN account_journal journal ON journal.id = opening.journal_id
                          JOIN res_company seller ON seller.id = opening.company_id
                         WHERE debtor.commercial_partner_id = %(partner)s
                           AND seller.o2c_exposure_company_id = %(owner)s
                           AND opening.state = 'posted'
                           AND opening.move_type = 'out_invoice'
                           AND journal.o2c_is_opening))
                """,
                partner=partner.commercial_partner_id.id,
                owner=company.sudo().o2c_exposure_company_id.id,
            )
        )
        return is_first

    def _sql_is_foreign(self):
        """Where the company has a country, a customer without one counts as foreign: a field that
        somebody empties must not make cover unnecessary."""
        return SQL(
            """(SELECT home.country_id IS NOT NULL
                       AND home.country_id IS DISTINCT FROM credit_debtor.country_id
                  FROM res_company seller
                  JOIN res_partner home ON home.id = seller.partner_id
                 WHERE seller.id = keys.company_id)"""
        )
