from odoo import api, fields, models
from odoo.addons.o2c_hold.models.passes import exempt, undoing

# From then on the goods have left, and somebody owes what was not paid.
SOLD = ("paid", "done")
DECISIVE = frozenset(("state", "partner_id"))


class PosOrder(models.Model):
    """Sales over the counter: the till has the money, or the customer's account has the debt.

    What goes on an account is judged when the order is paid, before goods and invoice leave. A refusal
    takes back the whole call, and Odoo's till puts the order back to its payment screen, where it can
    be paid otherwise: nothing is lost.
    """

    _name = "pos.order"
    _inherit = ["pos.order", "o2c.checkpoint.mixin"]

    _o2c_checkpoint = "order"

    o2c_hold_ids = fields.One2many("o2c.hold", "res_id", domain=[("res_model", "=", "pos.order")])

    # === CRUD: SINKS === #

    @api.model_create_multi
    def create(self, vals_list):
        # The payments that come along judge; of an order that they refuse nothing is left.
        with undoing(self.env):
            return super().create(vals_list)

    def write(self, vals):
        if DECISIVE.isdisjoint(vals):
            return super().write(vals)
        before = {order.id: (order.state in SOLD, order.partner_id) for order in self.sudo()}
        with undoing(self.env):
            result = super().write(vals)
            self.sudo().filtered(
                lambda order: order.state in SOLD and before[order.id] != (True, order.partner_id)
            )._check_o2c_account()
        return result

    def _check_o2c_account(self):
        """Refuse sold orders on a customer's account that a control stops.

        :raise UserError: with the figures and what to do; the refusal is registered
        """
        self.filtered(lambda order: order.state in SOLD and order._get_o2c_on_account() > 0)._check_o2c_step()

    # === CHECKPOINT === #

    def _get_o2c_debtor(self):
        return self.partner_id.commercial_partner_id

    def _get_o2c_amount(self):
        """What goes on the customer's account, company currency."""
        currency = self.company_id.currency_id
        return currency.round(self._get_o2c_on_account() / (self.currency_rate or 1.0))

    def _get_o2c_on_account(self):
        """Payments by customer account, in the currency of the order; negative: taken off the account."""
        account = self.payment_ids.filtered(lambda payment: payment.payment_method_id.type == "pay_later")
        return self.currency_id.round(sum(account.mapped("amount")))

    def _get_o2c_name(self):
        return self.pos_reference or self.name

    def _get_o2c_salesperson(self):
        return self.partner_id.user_id

    def _get_o2c_fingerprint(self):
        return (self._get_o2c_debtor().id, self._get_o2c_on_account(), self.state)

    def _get_o2c_verdicts(self, facts, checkpoint):
        return self._get_pos_verdicts(facts)

    def _get_pos_verdicts(self, facts):
        """Verdicts about one order that goes on account. Hook of the modules that judge credit.

        The order counts in the exposure already.
        """
        return []

    def _format_o2c_stop(self, reasons, *, forbidden=False):
        return self.env._(
            "Order %(name)s can't go on the customer's account: %(reasons)s Let it be paid in another way.",
            name=self._get_o2c_name(),
            reasons=reasons,
        )

    # === TILL === #

    @api.model
    def _load_pos_data_fields(self, config):
        """The till has no use for what the controls say."""
        names = super()._load_pos_data_fields(config) or list(self.fields_get(attributes=["type"]))
        return [name for name in names if not name.startswith("o2c_")]

    def _generate_pos_order_invoice(self):
        """Paid at the till, or judged when it went on the account: the invoice only says so."""
        with exempt(self.env):
            return super()._generate_pos_order_invoice()
