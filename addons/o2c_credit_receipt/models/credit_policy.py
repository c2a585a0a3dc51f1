from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, ormcache


class CreditPolicy(models.Model):
    _inherit = "o2c.credit.policy"

    _policy_locked_fields = ("counts_instalments", "free_retention")

    counts_instalments = fields.Boolean(
        string="Overdue instalments count",
        help="Instalments of orders that are due and not invoiced yet count as overdue, like invoices: for"
        " orders and deliveries, on the watch list, for suspensions and in the credit overview. Otherwise"
        " only what is booked does.",
    )

    free_retention = fields.Float(
        string="Retention that is no credit (%)",
        help="A retention up to this share of an order secures the warranty and does not count for the"
        " credit period. 0: every retention counts.",
    )

    @api.constrains("free_retention")
    def _check_free_retention(self):
        for policy in self:
            if not 0 <= policy.free_retention <= 100:
                raise ValidationError(self.env._("The retention that is no credit is between 0 % and 100 %."))

    @api.model
    def _is_any_counting(self):
        """Whether any policy ever wanted it: where none did, no statement reads instalments."""
        return bool(self._get_counting_ids())

    @api.model
    @ormcache()
    def _get_counting_ids(self):
        return tuple(self.sudo().with_context(active_test=False).search(
            [("counts_instalments", "=", True), ("state", "!=", "draft")]).ids)

    @api.model
    def _sql_counted_items(self, companies, scope=None):
        """SELECT of open items as the policy of each customer counts them, with ``is_scheduled``.

        Customers whose policy does not count instalments have what is booked. Those of the others have
        instalments that are overdue beside it, and of their receipts what pays none of them. An instalment
        that is not due yet is owed by nobody.
        :param companies: those that hold limits, and whose customers are asked about
        :param scope: condition on ``debtor`` and ``company``
        """
        claims = self.env["o2c.claim"]
        applies = self._sql_match(companies, SQL("holder.o2c_exposure_company_id"))
        counting = SQL("COALESCE(%s = ANY(%s), FALSE)", applies, list(self._get_counting_ids()))
        owners = SQL(
            """JOIN res_company holder ON holder.id = items.company_id
                 JOIN res_partner customer ON customer.id = items.partner_id""")
        return SQL(
            """SELECT items.*, FALSE AS is_scheduled
                 FROM (%(booked)s) items %(owners)s WHERE NOT %(counting)s
            UNION ALL
               SELECT items.*, items.source = 'instalment'
                 FROM (%(claims)s) items %(owners)s
                WHERE %(counting)s AND (items.source <> 'instalment' OR items.days_overdue > 0)""",
            booked=claims._sql_claims(scope=scope, booked=True),
            claims=claims._sql_claims(scope=scope),
            owners=owners,
            counting=counting,
        )

    @api.model
    @ormcache("policy_id")
    def _is_counting(self, policy_id):
        return self.sudo().browse(policy_id).counts_instalments

    @api.model
    @ormcache("policy_id")
    def _get_free_retention(self, policy_id):
        return self.sudo().browse(policy_id).free_retention
