from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


class SegregationRule(models.Model):
    """Two duties that one person must not hold, or not exercise on the same document.

    A duty is a group: a role of the suite or a group of Odoo. Whoever has the group by implication has
    the duty. That nobody requests and approves the same thing is not a rule of this table: it always
    holds.
    """

    _name = "o2c.segregation.rule"
    _description = "Segregation of Duties"
    _inherit = "o2c.logged.mixin"
    _order = "severity desc, name, id"

    _logged_event = "segregation_changed"
    _logged_fields = (
        "name",
        "group_a_id",
        "group_b_id",
        "severity",
        "applies_to_users",
        "applies_to_documents",
        "is_preventive",
        "active",
    )

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    group_a_id = fields.Many2one("res.groups", string="Duty", required=True, ondelete="cascade")
    group_b_id = fields.Many2one("res.groups", string="Excludes Duty", required=True, ondelete="cascade")
    severity = fields.Selection(
        [("1", "Low"), ("2", "Medium"), ("3", "High")], required=True, default="2", help="For the report."
    )
    applies_to_users = fields.Boolean(
        string="Not in One Hand",
        default=True,
        help="Nobody should hold both duties: the report of conflicts lists who does, and nobody is made "
        "the delegate of a duty that his own excludes.",
    )
    applies_to_documents = fields.Boolean(
        string="Not on One Document",
        default=True,
        help="Who exercised one duty on a document signs no approval of that document with the other.",
    )
    is_preventive = fields.Boolean(
        string="Refuse New Conflicts",
        help="Roles that would put both duties into one hand can't be given any more. Existing conflicts "
        "stay until somebody resolves them.",
    )
    description = fields.Text(translate=True, help="Why these duties are kept apart.")
    control_reference = fields.Char(help="The control of the internal manual, such as X1 or K4.")
    conflict_count = fields.Integer(compute="_compute_conflict_count")

    _groups_differ = models.Constraint("CHECK (group_a_id != group_b_id)", "A duty does not exclude itself.")

    # --- computes ---------------------------------------------------------------------------------------

    @api.depends("group_a_id", "group_b_id", "applies_to_users", "active")
    def _compute_conflict_count(self):
        counts = dict(
            self.env["o2c.segregation.conflict"]
            .sudo()
            ._read_group([("rule_id", "in", self._origin.ids)], ["rule_id"], ["__count"])
        )
        for rule in self:
            rule.conflict_count = counts.get(rule._origin, 0)

    # --- checks -----------------------------------------------------------------------------------------

    @api.constrains("group_a_id", "group_b_id")
    def _check_groups(self):
        for rule in self.sudo():
            pairs = [(rule.group_a_id, rule.group_b_id), (rule.group_b_id, rule.group_a_id)]
            for holder, other in pairs:
                if other in holder.all_implied_ids:
                    raise ValidationError(
                        self.env._(
                            "Whoever holds '%(holder)s' holds '%(other)s' too: these duties can't be kept "
                            "apart.",
                            holder=holder.display_name,
                            other=other.display_name,
                        )
                    )
            if self.search_count(self._get_pair_domain(rule.group_a_id, rule.group_b_id)) > 1:
                raise ValidationError(self.env._("These two duties are kept apart by another rule already."))

    @api.model
    def _get_pair_domain(self, groups_a, groups_b):
        return Domain([("group_a_id", "in", groups_a.ids), ("group_b_id", "in", groups_b.ids)]) | Domain(
            [("group_a_id", "in", groups_b.ids), ("group_b_id", "in", groups_a.ids)]
        )

    # --- actions ----------------------------------------------------------------------------------------

    def action_view_conflicts(self):
        """List the users who hold both duties."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_approval.o2c_segregation_conflict_action")
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {}}

    # --- business ---------------------------------------------------------------------------------------

    @api.model
    def _find_conflict(self, groups_a, groups_b):
        """First rule by which one person must not hold a group of each side; empty when there is none."""
        domain = self._get_pair_domain(groups_a, groups_b) & Domain("applies_to_users", "=", True)
        return self.sudo().search(domain, limit=1)

    @api.model
    def _get_document_conflicts(self, group, acts):
        """{user: reason} of those who exercised, on one document, a duty that excludes the role `group`.

        :param acts: what `_get_acts` found on the document
        """
        conflicts = {}
        held = group.sudo().all_implied_ids
        for rule in self._get_document_rules(held) if acts else ():
            duty = (rule.group_a_id | rule.group_b_id) - held
            for user, group_id in acts:
                # with a signature we know the role; any other act counts for all duties that he holds
                exercised = self.env["res.groups"].browse(group_id).all_implied_ids._ids if group_id else None
                if duty.id in (user._get_group_ids() if exercised is None else exercised):
                    conflicts[user] = self.env._(
                        "acted on this document as '%(duty)s', which '%(rule)s' keeps apart from this role",
                        duty=duty.display_name,
                        rule=rule.name,
                    )
        return conflicts

    @api.model
    def _get_document_rules(self, held):
        sides = Domain("group_a_id", "in", held.ids) | Domain("group_b_id", "in", held.ids)
        return self.sudo().search(Domain("applies_to_documents", "=", True) & sides)

    @api.model
    def _get_acts(self, documents):
        """[(user, id of the role or None)] of who signed a step of one of the documents, or stands in the
        register with an act of his own on it. What a signature set going within ten seconds is no such act.

        :param documents: [(model, id)], not empty
        """
        self.env["o2c.request.step"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT step.decided_by, step.group_id
                  FROM o2c_request_step step
                  JOIN o2c_request request ON request.id = step.request_id
                 WHERE (request.res_model, request.res_id) IN %(documents)s
                   AND step.decided_by IS NOT NULL
                UNION
                SELECT entry.user_ref, NULL
                  FROM o2c_register entry
                  JOIN res_users users ON users.id = entry.user_ref
                 WHERE (entry.res_model, entry.res_id) IN %(documents)s
                   AND entry.is_refusal IS NOT TRUE
                   AND NOT EXISTS (
                       SELECT 1
                         FROM o2c_request_step step
                         JOIN o2c_request request ON request.id = step.request_id
                        WHERE (request.res_model, request.res_id) IN %(documents)s
                          AND step.decided_by = entry.user_ref
                          AND entry.date BETWEEN step.decided_on AND step.decided_on + INTERVAL '10 seconds')
                """,
                documents=tuple(documents),
            )
        )
        users = self.env["res.users"].sudo()
        return [(users.browse(user_id), group_id) for user_id, group_id in rows]
