import json

from odoo import api, fields, models
from odoo.addons.o2c_base.models.wording import join_names
from odoo.fields import Domain
from odoo.tools import SQL

# Key of the cursor's own dict: several documents are submitted together.
BATCH = "o2c_approval.batch"
STATES = [
    ("pending", "Waiting for Decision"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
    ("lapsed", "Lapsed"),
]


class Request(models.Model):
    """A document of the suite that waits for signatures, or got its answer.

    Nobody writes here from outside: a document submits itself (`o2c.approval.mixin`), and the three
    public methods of `request_decision.py` check each right themselves. History is never deleted: a new
    round is a new request.
    """

    _name = "o2c.request"
    _description = "Approval Request"
    _inherit = ["o2c.transition.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    _guarded_fields = "*"
    _transitions = {"pending": ("approved", "rejected", "withdrawn", "lapsed")}

    name = fields.Char(required=True, readonly=True, copy=False)
    kind = fields.Selection([], readonly=True, index=True)
    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field="res_model", required=True, readonly=True
    )
    document_name = fields.Char(string="Document", readonly=True, help="Its name when it was submitted.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(readonly=True, help="What is asked for, in company currency.")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    requester_id = fields.Many2one("res.users", required=True, readonly=True, index=True, ondelete="restrict")
    excluded_user_ids = fields.Many2many(
        "res.users",
        "o2c_request_excluded_rel",
        "request_id",
        "user_id",
        string="May not Decide",
        readonly=True,
        ondelete="restrict",
        help="Requester, author and salesperson at submission. Changing the document later does not take "
        "anybody off this list.",
    )
    comment = fields.Text(string="Reason", readonly=True)
    summary = fields.Html(readonly=True, help="The figures that were submitted.")
    fingerprint = fields.Char(readonly=True, help="Hash of the decisive values at submission.")
    fingerprint_values = fields.Json(readonly=True)
    fingerprint_text = fields.Text(string="Decisive Values", compute="_compute_fingerprint_text")
    state = fields.Selection(STATES, required=True, readonly=True, default="pending", index=True)
    step_ids = fields.One2many("o2c.request.step", "request_id", string="Steps", readonly=True)
    current_step_id = fields.Many2one("o2c.request.step", readonly=True, ondelete="restrict")
    current_group_id = fields.Many2one(
        "res.groups",
        string="Waits for",
        related="current_step_id.group_id",
        store=True,
        readonly=True,
        index=True,
    )
    deadline = fields.Date(readonly=True, index="btree_not_null")
    reminded_on = fields.Datetime(string="Last Reminder", readonly=True)
    reminder_count = fields.Integer(string="Reminders", readonly=True)
    closed_on = fields.Datetime(readonly=True)
    closed_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    closing_comment = fields.Text(string="Answer", readonly=True)
    hours_to_decide = fields.Float(
        string="Hours to Decision",
        readonly=True,
        aggregator="avg",
        help="From submission to the last answer.",
    )
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    can_decide = fields.Boolean(
        string="Mine to Decide", compute="_compute_can_decide", search="_search_can_decide"
    )
    can_withdraw = fields.Boolean(compute="_compute_can_withdraw")
    is_readable = fields.Boolean(compute="_compute_is_readable", search="_search_is_readable")
    decider_names = fields.Char(string="Who may Decide", compute="_compute_decider_names", compute_sudo=True)

    _document_index = models.Index("(res_model, res_id, id)")
    _pending_uniq = models.UniqueIndex(
        "(res_model, res_id, kind) WHERE state = 'pending'",
        "This document waits for a decision already.",
    )

    # --- computes ---------------------------------------------------------------------------------------

    @api.depends("name", "document_name")
    def _compute_display_name(self):
        for request in self:
            request.display_name = " · ".join(filter(None, [request.name, request.document_name]))

    @api.depends("state", "deadline")
    def _compute_is_overdue(self):
        today = self.env.company._o2c_today()
        for request in self:
            request.is_overdue = bool(
                request.state == "pending" and request.deadline and request.deadline < today
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("state", "=", "pending"), ("deadline", "<", self.env.company._o2c_today())]

    @api.depends("state", "current_step_id", "step_ids.state")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        self._compute_by_search("can_decide", self._get_decidable_domain(self.env.user))

    @api.model
    def _search_can_decide(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_decidable_domain(self.env.user)

    @api.depends("state", "requester_id")
    @api.depends_context("uid")
    def _compute_can_withdraw(self):
        for request in self:
            request.can_withdraw = request.state == "pending" and request._may_withdraw(self.env.user)

    @api.depends("requester_id", "step_ids.decided_by")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_readable(self):
        self._compute_by_search("is_readable", self._get_readable_domain())

    @api.model
    def _search_is_readable(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_readable_domain()

    def _compute_by_search(self, name, domain):
        """One query for all records, by the same domain as the filter: they can't disagree."""
        found = self.sudo().search(Domain("id", "in", self._origin.ids) & domain)
        for request in self:
            request[name] = request._origin.id in found._ids

    @api.depends("fingerprint_values")
    def _compute_fingerprint_text(self):
        for request in self:
            request.fingerprint_text = json.dumps(request.fingerprint_values, indent=2, ensure_ascii=False)

    def _compute_decider_names(self):
        for request in self:
            hands = request._get_hands(request.current_step_id) if request.state == "pending" else {}
            request.decider_names = join_names(
                self.env,
                [
                    user.name
                    if user == principal
                    else self.env._("%(delegate)s (for %(user)s)", delegate=user.name, user=principal.name)
                    for user, principal in hands.items()
                ],
            )

    # --- who sees what ----------------------------------------------------------------------------------

    @api.model
    def _get_readable_domain(self):
        """Requests that the user made, decides or decided, and those of documents that he may read."""
        user = self.env.user
        domain = Domain("requester_id", "=", user.id)
        domain |= Domain("step_ids", "any", [("group_id", "in", user._get_group_ids())])
        domain |= Domain("step_ids", "any", [("decided_by", "=", user.id)])
        for principal in self.env["o2c.delegate"]._get_principals(user):
            domain |= Domain("step_ids", "any", [("group_id", "in", principal._get_group_ids())])
        return domain | Domain.OR(self._get_document_domains())

    @api.model
    def _get_document_domains(self):
        """Per document model a sub-query with the user's own record rules."""
        for name in self._get_document_models():
            documents = self.env[name].sudo(False).with_context(active_test=False)
            if documents.has_access("read"):
                yield Domain("res_model", "=", name) & self._get_sub_query_domain(documents._search([]))

    @staticmethod
    def _get_sub_query_domain(documents):
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN %s", SQL.identifier(alias, "res_id"), documents.subselect()
            )
        )

    @api.model
    def _get_document_models(self):
        """Names of the concrete models that are submitted for approval."""
        names = self.env.registry.descendants(["o2c.approval.mixin"], "_inherit")
        return sorted(name for name in names if not self.env[name]._abstract)

    # --- document ---------------------------------------------------------------------------------------

    def _get_document(self):
        """The document with superuser rights, empty when it is gone."""
        self.ensure_one()
        if self.res_model not in self.env:
            return self.env["o2c.request"]
        documents = self.env[self.res_model].sudo().with_company(self.company_id)
        return documents.browse(self.res_id).exists()

    def action_open_document(self):
        """Open the document that was submitted."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _get_kind_label(self):
        self.ensure_one()
        return dict(self._fields["kind"]._description_selection(self.env)).get(self.kind, self.kind or "")

    # --- overview ---------------------------------------------------------------------------------------

    @api.model
    def _get_overview_data(self, code):
        """Numbers of the overview page, in the reader's own rights."""
        domain = Domain("requester_id", "=", self.env.uid) & Domain("state", "=", "pending")
        if code == "approval_to_decide":
            domain = Domain("can_decide", "=", True)
        count = self.search_count(domain)
        overdue = self.search_count(domain & Domain("is_overdue", "=", True)) if count else 0
        if not overdue:
            return {"count": count}
        return {"count": count, "tone": "warning", "caption": self.env._("%s overdue", overdue)}

    # --- buttons of lists and forms ---------------------------------------------------------------------

    def action_open_approve(self):
        """Ask for a comment, then approve."""
        return self._open_decide("approved", self.env._("Approve"))

    def action_open_reject(self):
        """Ask for the reason, then reject."""
        return self._open_decide("rejected", self.env._("Reject"))

    def _open_decide(self, decision, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "o2c.request.decide",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_request_ids": [(6, 0, self.ids)], "default_decision": decision},
        }
