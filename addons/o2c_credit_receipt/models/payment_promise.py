from odoo import api, models
from odoo.tools import SQL

# Those that another promise replaced or that were withdrawn say nothing: the other one does.
TOLD = ("open", "kept", "broken")


class PaymentPromise(models.Model):
    _inherit = "o2c.payment.promise"

    @api.model
    def _sql_told(self, scope, since, until):
        """SELECT of ``partner_id, is_broken``: promises whose day lies between two days, as they stand now.

        :param scope: condition on ``debtor`` and ``company``
        """
        return SQL(
            """SELECT debtor.commercial_partner_id AS partner_id, told.status = 'broken' AS is_broken
                 FROM (%(status)s) told
                 JOIN res_partner debtor ON debtor.id = told.partner_id
                 JOIN res_company company ON company.id = told.company_id
                WHERE told.status IN %(told)s AND %(scope)s""",
            status=self._sql_status(SQL(
                """promise.date_promised BETWEEN %(since)s AND %(until)s AND EXISTS (
                   SELECT FROM res_partner debtor, res_company company
                    WHERE debtor.id = promise.partner_id AND company.id = promise.company_id
                      AND %(scope)s)""", since=since, until=until, scope=scope)),
            told=TOLD,
            scope=scope,
        )
