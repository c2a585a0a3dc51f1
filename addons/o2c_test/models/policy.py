from odoo import fields, models


class TestPolicy(models.Model):
    _name = "o2c.test.policy"
    _inherit = ["o2c.policy.mixin"]
    _description = "Test Policy"

    _policy_locked_fields = ("threshold",)

    threshold = fields.Float()
    note = fields.Char(help="Judges nothing: may be edited at any time.")
    line_ids = fields.One2many("o2c.test.policy.line", "policy_id", copy=True)


class TestPolicyLine(models.Model):
    _name = "o2c.test.policy.line"
    _inherit = ["o2c.policy.line.mixin"]
    _description = "Test Policy Line"

    policy_id = fields.Many2one("o2c.test.policy", required=True, ondelete="cascade")
    days = fields.Integer()
