from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class PaymentRequest(models.Model):
    """What has come in for a request, and the door through which its money comes."""

    _inherit = "o2c.payment.request"

    # === MEASURED === #

    def _get_received(self):
        """``{request id: what came in for it}``, in its currency, not rounded. One statement."""
        if not self:
            return {}
        query = self._sql_received(SQL("asked.id = ANY(%s)", list(self.ids)))
        return {row[0]: float(row[1]) for row in self.env.execute_query(query)}

    @api.model
    def _sql_received(self, condition):
        """SELECT of ``id, received``: the part of its order from ``threshold - amount`` to ``threshold``.

        Money lies at the start of the order, as far as nothing was given to an instalment by name. Only
        orders for which that was ever done need their schedule.

        :param condition: on ``asked`` (o2c_payment_request)
        """
        orders = SQL("SELECT asked.order_id FROM o2c_payment_request asked WHERE %s", condition)
        plain = SQL("GREATEST(0, LEAST(money.collected - asked.threshold + asked.amount, asked.amount))")
        is_naming = self.env["o2c.receipt.allocation"]._is_naming()
        return SQL(
            """SELECT asked.id, COALESCE(%(received)s, 0) AS received
                 FROM o2c_payment_request asked
            LEFT JOIN (%(collected)s) money ON money.order_id = asked.order_id
                      %(named)s
                WHERE %(condition)s""",
            received=SQL("COALESCE(named.received, %s)", plain) if is_naming else plain,
            collected=self.env["o2c.receipt.ledger"]._sql_collected(SQL("orders.id IN (%s)", orders)),
            named=self._sql_named_received(orders, condition) if is_naming else SQL(),
            condition=condition,
            to_flush=[self._fields[name] for name in (
                "is_cancelled", "threshold", "amount", "order_id", "company_id")],
        )

    @api.model
    def _sql_named_received(self, orders, condition):
        """Join of what lies between the ends of each request where money was given to instalments."""
        scope = SQL(
            """orders.id IN (%s) AND EXISTS (
                   SELECT FROM o2c_receipt_allocation given
                    WHERE given.order_id = orders.id AND given.state = 'active'
                      AND given.instalment_id IS NOT NULL)""", orders)
        return SQL(
            """LEFT JOIN (
                   SELECT asked.id, SUM(GREATEST(0,
                          LEAST(part.upto - part.amount + part.received, asked.threshold)
                          - GREATEST(part.upto - part.amount, asked.threshold - asked.amount))) AS received
                     FROM o2c_payment_request asked
                     JOIN (%s) part ON part.order_id = asked.order_id
                    WHERE %s
                 GROUP BY asked.id) named ON named.id = asked.id""",
            self.env["o2c.schedule"]._sql_instalments(scope), condition,
        )

    # === ACTIONS === #

    def action_register_receipt(self):
        """Enter the money that came in for this request: it is given to its instalment.

        :raise AccessError: for users who don't do the invoicing
        :raise UserError: when it is paid or withdrawn
        """
        self.ensure_one()
        self.check_access("read")
        self._check_open()
        return self.env["o2c.receipt.register"]._start(self.order_id, instalment=self.instalment_id)

    def _check_open(self):
        for request in self:
            if request.status in ("paid", "cancelled"):
                raise UserError(self.env._(
                    "%s is paid or withdrawn: there is nothing to ask for.", request.name))
