from odoo import api, fields, models
from odoo.exceptions import AccessError


class ScheduleChange(models.TransientModel):
    """Changes the payment schedule of a confirmed order; with a reason."""

    _name = "o2c.schedule.change"
    _description = "Change a payment schedule"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    template_id = fields.Many2one(
        "o2c.schedule.template",
        string="Take over from",
        domain="[('company_id', 'in', (False, company_id))]",
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="order_id.company_id")
    line_ids = fields.One2many("o2c.schedule.change.line", "wizard_id", string="Parts")
    reason = fields.Char(help="Why other terms were agreed. It is registered.")

    @api.onchange("template_id")
    def _onchange_template_id(self):
        if self.template_id:
            self.line_ids = [fields.Command.clear(), *(
                fields.Command.create(line._prepare_part_vals()) for line in self.template_id.line_ids)]

    @api.model
    def _start(self, order):
        """Open the wizard with the terms as they are."""
        wizard = self.create({
            "order_id": order.id,
            "line_ids": [
                fields.Command.create({**part._prepare_part_vals(), "instalment_id": part.id})
                for part in order.sudo().o2c_instalment_ids],
        })
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the payment schedule"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_change(self):
        """Replace the schedule of the order.

        :raise AccessError: for who may not, or works in other companies
        :raise UserError: without a reason
        """
        self.ensure_one()
        order = self.order_id
        if order.sudo().company_id not in self.env.companies:
            raise AccessError(self.env._("This order belongs to a company in which you don't work."))
        self.line_ids.instalment_id.check_access("read")
        order._change_o2c_schedule(
            [{**line._prepare_part_vals(), "id": line.instalment_id.id} for line in self.line_ids],
            self.reason)
        return {"type": "ir.actions.act_window_close"}
