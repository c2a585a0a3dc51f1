from odoo import api, models
from odoo.addons.o2c_exposure.rules.exposure import Component, Source
from odoo.tools import SQL

FIELDS_READ = {
    "pos.order": ("account_move", "company_id", "currency_rate", "partner_id", "session_id", "state"),
    "pos.payment": ("amount", "payment_method_id", "pos_order_id"),
    "pos.payment.method": ("journal_id",),
    "pos.session": ("state",),
}


class O2cExposure(models.AbstractModel):
    """What customers owe for orders at the till before it is booked: at the latest when the session
    closes, it becomes a receivable."""

    _inherit = "o2c.exposure"

    @api.model
    def _sources(self):
        till = Component("till", self.env._("On account at the till"))
        return [*super()._sources(), Source("till", "pos.order", (till,))]

    @api.model
    def _sql_source_till(self, scope):
        """Payments by customer account of orders that no invoice and no entry of a session has, by order.

        A method without a journal is a customer's account. What is taken off an account counts with a
        minus.
        """
        return SQL(
            """SELECT company.o2c_exposure_company_id AS company_id,
                      debtor.commercial_partner_id AS partner_id,
                      orders.id AS res_id,
                      (payment.amount / COALESCE(NULLIF(orders.currency_rate, 0), 1))::numeric AS till
                 FROM pos_session session
                 JOIN pos_order orders ON orders.session_id = session.id
                 JOIN pos_payment payment ON payment.pos_order_id = orders.id
                 JOIN pos_payment_method method ON method.id = payment.payment_method_id
                 JOIN res_partner debtor ON debtor.id = orders.partner_id
                 JOIN res_company company ON company.id = orders.company_id
                WHERE session.state <> 'closed'
                  AND orders.state IN ('paid', 'done')
                  AND orders.account_move IS NULL
                  AND method.journal_id IS NULL
                  AND %s""",
            scope,
            to_flush=[
                self.env[model]._fields[name] for model, names in FIELDS_READ.items() for name in names
            ],
        )
