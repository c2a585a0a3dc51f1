from odoo import fields, models
from odoo.exceptions import UserError


class TestRun(models.Model):
    """Counts how often each line was worked on."""

    _name = "o2c.test.run"
    _inherit = ["o2c.run.mixin"]
    _description = "Test Run"

    size = fields.Integer(default=3)
    line_ids = fields.One2many("o2c.test.run.line", "run_id")

    def _prepare_run_lines(self):
        if self.size < 0:
            raise UserError(self.env._("There is nothing to do."))
        self.env["o2c.test.run.line"].sudo()._guarded_create([
            {"run_id": self.id, "name": str(number)} for number in range(self.size)])

    def _run_line(self, line):
        line.times += 1
        line.worker = f"{self.env.user.login}, su={self.env.su}"
        if line.trouble == "user":
            raise UserError(self.env._("This line can't be done."))
        if line.trouble == "code":
            raise ValueError("boom")
        return self.env._("fine")


class TestRunLine(models.Model):
    _name = "o2c.test.run.line"
    _inherit = ["o2c.run.line.mixin"]
    _description = "Test Run Line"

    run_id = fields.Many2one("o2c.test.run", required=True, ondelete="cascade", index=True)
    name = fields.Char()
    times = fields.Integer()
    trouble = fields.Char()
    worker = fields.Char()
