from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

# What decides who owes for a partner.
DEBTOR_FIELDS = frozenset(("parent_id", "is_company", "commercial_partner_id"))


class ResPartner(models.Model):
    _inherit = "res.partner"

    o2c_credit_limit = fields.Monetary(
        string="Approved credit limit",
        compute="_compute_o2c_credit",
        currency_field="currency_id",
        help="Limit in force today in the current company, in its currency.",
    )
    o2c_has_credit_limit = fields.Boolean(
        compute="_compute_o2c_credit", help="A limit was approved for this customer at some time."
    )
    o2c_credit_available = fields.Monetary(
        string="Available credit",
        compute="_compute_o2c_credit",
        currency_field="currency_id",
        help="Limit and what guarantees add to it, less exposure, in company currency. "
        "Negative: over the limit by so much. "
        "Never more than nothing while credit is suspended.",
    )
    o2c_credit_grade_id = fields.Many2one(
        "o2c.credit.grade",
        string="Credit grade",
        compute="_compute_o2c_credit",
        search="_search_o2c_credit_grade_id",
        help="Grade in force today in the current company.",
    )
    o2c_credit_suspended = fields.Boolean(
        string="Credit suspended",
        compute="_compute_o2c_credit",
        search="_search_o2c_credit_suspended",
        help="Nothing is sold on credit until the suspension is lifted.",
    )
    o2c_over_limit = fields.Boolean(
        string="Over the credit limit",
        compute="_compute_o2c_credit",
        search="_search_o2c_over_limit",
        help="Exposure is above the limit in force today in the current company.",
    )

    # === COMPUTES === #

    @api.depends_context("company")
    def _compute_o2c_credit(self):
        company = self.env.company
        terms = self._get_o2c_terms(company)
        exposures = self.env["o2c.exposure"]._get_exposure(self, company)
        additions = self.env["o2c.credit.guarantee"]._get_additions(company, self.commercial_partner_id)
        currency = company.sudo().o2c_exposure_company_id.currency_id
        for partner in self:
            own = terms.get(partner.commercial_partner_id.id, {})
            limit = own.get("credit_limit")
            exposure = exposures[partner.id].total if partner.id in exposures else 0.0
            ceiling = (limit or 0.0) + additions.get(partner.commercial_partner_id.id, 0.0)
            available = currency.round(ceiling - exposure)
            partner.o2c_has_credit_limit = limit is not None
            partner.o2c_credit_limit = limit or 0.0
            partner.o2c_credit_grade_id = own.get("credit_grade_id")
            partner.o2c_credit_suspended = own.get("credit_suspended", False)
            partner.o2c_credit_available = (
                min(available, 0.0) if partner.o2c_credit_suspended else available
            )
            partner.o2c_over_limit = limit is not None and currency.compare_amounts(exposure, ceiling) > 0

    def _search_o2c_over_limit(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in" if True in value else "not in", self._sql_over_limit(self.env.company))]

    def _search_o2c_credit_suspended(self, operator, value):
        if operator != "in":
            return NotImplemented
        ids = self._get_ids_by_term("credit_suspended", (True,))
        return [("id", "in" if True in value else "not in", ids)]

    def _search_o2c_credit_grade_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        if operator == "any":
            value = self.env["o2c.credit.grade"].search(value).ids
        ids = self._get_ids_by_term("credit_grade_id", [grade for grade in value if grade])
        if False not in value:
            return [("id", "in", ids)]
        return ["|", ("id", "in", ids), ("id", "not in", self._get_ids_by_term("credit_grade_id"))]

    def _get_ids_by_term(self, name, values=None):
        """Ids of customers whose term of today is one of ``values``, or is any at all."""
        company = self.env.company.sudo().o2c_exposure_company_id
        terms = self.env["o2c.credit.limit"]._read_terms(company)
        return [
            partner
            for partner, own in terms.items()
            if (own[name] in values if values is not None else own[name])
        ]

    # === BUSINESS METHODS === #

    def _get_o2c_terms(self, company):
        """``{commercial partner id: {credit_*: value}}`` today, without customers who never got terms.

        Names and meaning: ``o2c.credit.limit._sql_term_columns``.
        """
        owner = company.sudo().o2c_exposure_company_id
        return self.env["o2c.credit.limit"]._read_terms(owner, self.commercial_partner_id.ids)

    def _get_o2c_limits(self, company):
        """{commercial partner id: limit today in company currency}; 0 when the limit has ended.

        A customer who never had a limit is not in the result.
        """
        return {
            partner: own["credit_limit"]
            for partner, own in self._get_o2c_terms(company).items()
            if own["credit_limit"] is not None
        }

    # === DEBTOR === #

    def write(self, vals):
        """Keep customers from leaving their limits and debts behind under another name."""
        if self.env.su or DEBTOR_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = {partner.id: partner.commercial_partner_id for partner in self}
        result = super().write(vals)
        moved = self.filtered(lambda partner: partner.commercial_partner_id != before[partner.id])
        if moved:
            moved._check_o2c_debtor_right()
        return result

    def _check_o2c_debtor_right(self):
        """Let only a credit officer decide who owes, where something is owed or may be.

        :raise AccessError: naming the customer; the attempt is registered
        """
        bound = self._get_o2c_bound()
        if not bound or self.env.user.has_group("o2c_base.group_credit_officer"):
            return
        message = self.env._(
            "%(partner)s has a credit limit, open orders or open invoices. Under another company these would "
            "be judged by other figures: ask a credit officer to change it.",
            partner=bound[0].name,
        )
        self.env["o2c.register"]._log_refusal(bound[0], "guard_refused", message)
        raise AccessError(message)

    def _get_o2c_bound(self):
        """Partners of self, and contacts below them, for whom a limit, open orders or debts exist."""
        family = self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)])
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.id FROM res_partner partner
                 WHERE partner.id = ANY(%(ids)s) AND (
                       EXISTS (SELECT FROM o2c_credit_limit granted
                                WHERE granted.partner_id = partner.id)
                    OR EXISTS (SELECT FROM sale_order orders
                                WHERE orders.partner_invoice_id = partner.id AND orders.state = 'sale'
                                  AND (orders.invoice_status IS DISTINCT FROM 'invoiced'
                                       OR orders.o2c_draft_invoiced))
                    OR EXISTS (SELECT FROM account_move_line line
                                WHERE line.partner_id = partner.id AND line.reconciled IS NOT TRUE
                                  AND line.parent_state = 'posted'
                                  AND line.account_id = ANY(ARRAY(
                                      SELECT id FROM account_account
                                       WHERE account_type = 'asset_receivable'))))
                 ORDER BY partner.id
                """,
                ids=list(family.ids),
            )
        )
        return family.browse(partner_id for [partner_id] in rows)

    # === SQL === #

    @api.model
    def _sql_over_limit(self, company):
        """Ids of customers whose exposure is above their limit today, with their contacts left out."""
        limits = self.env["o2c.credit.limit"]
        limits.flush_model()
        exposure = self.env["o2c.exposure"]
        owner = company.sudo().o2c_exposure_company_id
        # The join with the terms leaves out who has none; asking for that in each source costs more.
        scope = exposure._sql_scope(company_ids=owner.ids)
        return SQL(
            """(
            SELECT exposed.partner_id
              FROM (%(exposure)s) exposed
              JOIN (%(terms)s) terms ON terms.partner_id = exposed.partner_id
              LEFT JOIN (%(additions)s) guarantees ON guarantees.partner_id = exposed.partner_id
             WHERE exposed.company_id = %(company)s
               AND round(exposed.total, %(digits)s) > terms.credit_limit + COALESCE(guarantees.addition, 0)
            )""",
            exposure=exposure._sql_exposure(scope),
            terms=limits._sql_terms(owner),
            additions=self.env["o2c.credit.guarantee"]._sql_additions(owner),
            company=owner.id,
            digits=owner.currency_id.decimal_places,
        )

    # === ACTIONS === #

    def action_o2c_credit_limits(self):
        """Limits of the customer, the one in force first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.credit_limit_action")
        debtor = self.commercial_partner_id
        action["domain"] = [("partner_id", "=", debtor.id)]
        action["context"] = {"default_partner_id": debtor.id}
        return action

    def action_o2c_credit_application(self):
        """A draft of an application for the customer: a first grading, or a review."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.credit_application_action")
        return {
            **action,
            "views": [(False, "form")],
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }
