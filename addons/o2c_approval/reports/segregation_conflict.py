from odoo import api, fields, models
from odoo.tools import SQL


class SegregationConflict(models.Model):
    """Users who hold two duties that a rule keeps apart, as things are at this moment."""

    _name = "o2c.segregation.conflict"
    _description = "Conflict of Duties"
    _auto = False
    _order = "severity desc, user_id, rule_id"
    _rec_name = "rule_id"

    rule_id = fields.Many2one("o2c.segregation.rule", readonly=True)
    severity = fields.Selection([("1", "Low"), ("2", "Medium"), ("3", "High")], readonly=True)
    user_id = fields.Many2one("res.users", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    group_a_id = fields.Many2one("res.groups", string="Duty", readonly=True)
    group_b_id = fields.Many2one("res.groups", string="Excludes Duty", readonly=True)
    source_a_id = fields.Many2one(
        "res.groups",
        string="Duty By",
        readonly=True,
        help="A group given to the user that brings the first duty.",
    )
    source_b_id = fields.Many2one(
        "res.groups",
        string="Excluded Duty By",
        readonly=True,
        help="A group given to the user that brings the second duty.",
    )
    signed_count = fields.Integer(
        string="Decisions", readonly=True, help="Approval steps that this user has decided so far."
    )

    @property
    def _table_query(self):
        """Implied groups are not stored per user, so the closure is built here: (group given, group held)."""
        return SQL(
            """
            WITH RECURSIVE implied(given, held) AS (
                SELECT id, id FROM res_groups
                UNION
                SELECT implied.given, rel.hid
                  FROM implied
                  JOIN res_groups_implied_rel rel ON rel.gid = implied.held
            ), duty(user_id, group_id, source_id) AS (
                SELECT rel.uid, implied.held, min(implied.given)
                  FROM res_groups_users_rel rel
                  JOIN implied ON implied.given = rel.gid
                  JOIN res_users users ON users.id = rel.uid AND users.active AND NOT users.share
                 WHERE implied.held IN (
                       SELECT group_a_id FROM o2c_segregation_rule
                       UNION SELECT group_b_id FROM o2c_segregation_rule)
                 GROUP BY rel.uid, implied.held
            )
            SELECT rule.id::bigint * 1000000 + a.user_id AS id,
                   rule.id AS rule_id,
                   rule.severity,
                   a.user_id,
                   users.company_id,
                   rule.group_a_id,
                   rule.group_b_id,
                   a.source_id AS source_a_id,
                   b.source_id AS source_b_id,
                   (SELECT count(*) FROM o2c_request_step step
                     WHERE step.decided_by = a.user_id) AS signed_count
              FROM o2c_segregation_rule rule
              JOIN duty a ON a.group_id = rule.group_a_id
              JOIN duty b ON b.group_id = rule.group_b_id AND b.user_id = a.user_id
              JOIN res_users users ON users.id = a.user_id
             WHERE rule.active AND rule.applies_to_users
            """
        )

    @api.depends("rule_id", "user_id")
    def _compute_display_name(self):
        for conflict in self:
            conflict.display_name = f"{conflict.user_id.name}: {conflict.rule_id.name}"

    def action_open_user(self):
        """Open the user, for those who may give and take roles."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.users",
            "res_id": self.user_id.id,
            "views": [(False, "form")],
        }
