from odoo import Command, api, models

from ..demo.scenario import SCHEDULE, SCHEDULE_PARTS, SCHEDULED


class Demo(models.AbstractModel):
    """An order with an agreed payment schedule, whose deposit was asked for."""

    _inherit = "o2c.demo"

    @api.model
    def _build_schedule(self):
        """The policy administrator keeps the schedule; the salesperson agrees on it, asks for the deposit."""
        template = self.env["o2c.schedule.template"].with_user(self._get_person("policy")).create({
            "name": SCHEDULE,
            "line_ids": [
                Command.create({"sequence": number, **part})
                for number, part in enumerate(SCHEDULE_PARTS, 1)],
        })
        order = self._build_order(*SCHEDULED)
        order.o2c_schedule_template_id = template.id
        order.action_confirm()
        action = order.action_o2c_request_payment()
        request = self.env[action["res_model"]].with_user(self._get_person("sales")).browse(action["res_id"])
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() != "install":
            self._send(request)

    @api.model
    def _send(self, request):
        """The e-mail that the button offers, with the request as PDF."""
        context = request.action_send()["context"]
        composer = self.env["mail.compose.message"].with_user(self._get_person("sales"))
        composer.with_context(**context).create({}).action_send_mail()
