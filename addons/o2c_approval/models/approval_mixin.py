from contextlib import contextmanager

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .request import BATCH

REQUEST_FIELDS = {
    "o2c_request_ids",
    "o2c_request_id",
    "o2c_request_state",
    "o2c_request_count",
    "o2c_request_can_decide",
}


class ApprovalMixin(models.AbstractModel):
    """A document that is decided by the authority table.

    A new kind of document needs four things: this mixin, `_approval_kind` (with a `selection_add` on
    `o2c.request.kind`), `_get_approval_amount` and `_get_approval_fingerprint`. Its own button checks the
    user's right and calls `_submit_for_approval`; `_on_request_approved` does what was asked for.
    The hooks `_on_request_*` run with superuser rights; `env.user` is the person who decided.
    """

    _name = "o2c.approval.mixin"
    _description = "Document that is Approved"

    _approval_kind = None
    # Where neither money nor credit is decided, the salesperson of the customer may take part.
    _approval_excludes_salesperson = True

    o2c_request_ids = fields.One2many(
        "o2c.request",
        "res_id",
        string="Approval Requests",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
        copy=False,
    )
    o2c_request_id = fields.Many2one(
        "o2c.request", string="Latest Request", compute="_compute_o2c_request_id", compute_sudo=True
    )
    o2c_request_state = fields.Selection(
        selection=lambda self: self.env["o2c.request"]._fields["state"]._description_selection(self.env),
        string="Approval",
        compute="_compute_o2c_request_id",
        compute_sudo=True,
        search="_search_o2c_request_state",
    )
    o2c_request_count = fields.Integer(compute="_compute_o2c_request_id", compute_sudo=True)
    o2c_request_can_decide = fields.Boolean(compute="_compute_o2c_request_can_decide")

    # --- computes ---------------------------------------------------------------------------------------

    @api.depends("o2c_request_ids.state")
    def _compute_o2c_request_id(self):
        groups = self.env["o2c.request"]._read_group(
            [("res_model", "=", self._name), ("res_id", "in", self._origin.ids)],
            ["res_id"],
            ["id:max", "__count"],
        )
        latest = {res_id: values for res_id, *values in groups}
        requests = self.env["o2c.request"].browse(request_id for request_id, _count in latest.values())
        for document in self:
            request_id, count = latest.get(document._origin.id, (False, 0))
            request = requests.browse(request_id).with_prefetch(requests.ids)
            document.o2c_request_id = request
            document.o2c_request_state = request.state
            document.o2c_request_count = count

    @api.model
    def _search_o2c_request_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["o2c.request"].flush_model(["res_model", "res_id", "state"])
        latest = SQL(
            "SELECT DISTINCT ON (res_id) res_id, state FROM o2c_request WHERE res_model = %s"
            " ORDER BY res_id, id DESC",
            self._name,
        )
        states = [state for state in value if state]
        domain = self._get_latest_domain(
            SQL("SELECT res_id FROM (%s) l WHERE state = ANY(%s)", latest, states)
        )
        if False in value:
            domain |= ~self._get_latest_domain(SQL("SELECT res_id FROM (%s) l", latest))
        return domain

    @staticmethod
    def _get_latest_domain(ids):
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL("%s IN (%s)", SQL.identifier(alias, "id"), ids)
        )

    @api.depends("o2c_request_id")
    @api.depends_context("uid")
    def _compute_o2c_request_can_decide(self):
        for document in self:
            document.o2c_request_can_decide = document.sudo().o2c_request_id.can_decide

    # --- CRUD -------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_no_request_values(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_no_request_values(vals)
        return super().write(vals)

    def _check_no_request_values(self, vals):
        """:raises AccessError: a computed field can be written into the cache, and the same call would
        then believe that the document is approved
        """
        if forged := sorted(REQUEST_FIELDS.intersection(vals)):
            raise AccessError(
                self.env._(
                    "%s can't be written: submit the document, and decide the request.", ", ".join(forged)
                )
            )

    def unlink(self):
        """Open requests of a document that goes away lapse; what was decided stays."""
        self._get_pending_requests()._lapse(self.env._("The document was deleted."))
        return super().unlink()

    # --- actions ----------------------------------------------------------------------------------------

    def action_open_requests(self):
        """Open the requests of the document: the one, or the list."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_approval.o2c_request_action_all")
        requests = self.sudo().o2c_request_ids
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {}
        if len(requests) == 1:
            action.update(res_id=requests.id, views=[(False, "form")])
        return action

    # --- business ---------------------------------------------------------------------------------------

    def _submit_for_approval(self, comment=None, *, kind=None, amount=None):
        """Ask for the decision. The caller has checked that the user may ask.

        :param amount: company currency, >= 0; `_get_approval_amount` when not given
        :return: the new request, pending
        :raises UserError: see `o2c.request._submit`
        """
        self.ensure_one()
        kind = kind or self._approval_kind
        amount = self._get_approval_amount() if amount is None else amount
        if amount < 0:
            raise UserError(self.env._("The amount to approve can't be negative."))
        request = self.env["o2c.request"]._submit(self, kind=kind, amount=amount, comment=comment)
        self.invalidate_recordset(
            ["o2c_request_ids", "o2c_request_id", "o2c_request_state", "o2c_request_count"]
        )
        return request

    @contextmanager
    def _submitting(self):
        """Inside, several documents are submitted together: deciders get their activities, and no mail
        for each, since nobody reads hundreds. The cursor's dict can't be filled from outside."""
        cache = self.env.cr.cache
        cache[BATCH] = len(self) > 1
        try:
            yield
        finally:
            cache.pop(BATCH, None)

    def _get_pending_requests(self):
        return (
            self.env["o2c.request"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "=", "pending")])
        )

    def _get_approval_values(self):
        """What the fingerprint covers: the document's own values, and who owes and who sells."""
        self.ensure_one()
        document = self.sudo()
        return {
            "company": document._get_approval_company().id,
            "partner": document._get_approval_partner().id,
            "document": document._get_approval_fingerprint(),
        }

    def _get_approval_exclusions(self):
        """{user: reason} of everybody who may not decide on this document."""
        self.ensure_one()
        document = self.sudo()
        reasons = dict.fromkeys(
            document._get_approval_excluded_users(), self.env._("has a part in the document")
        )
        if document._approval_excludes_salesperson:
            seller = self.env._("is the salesperson of the customer or of the document")
            reasons |= dict.fromkeys(document._get_approval_salespersons(), seller)
        reasons[document.create_uid] = self.env._("is the author of the document")
        reasons.pop(self.env["res.users"], None)
        return reasons

    def _get_approval_exclusion_ids(self):
        return sorted(user.id for user in self._get_approval_exclusions())

    def _get_approval_salespersons(self):
        """Salespersons of the customer (contact and company) and of the document."""
        partner = self._get_approval_partner()
        users = partner.user_id | partner.commercial_partner_id.user_id
        field = self._fields.get("user_id")
        if field is not None and field.comodel_name == "res.users":
            users |= self.user_id
        return users

    # --- hooks ------------------------------------------------------------------------------------------

    def _get_approval_company(self):
        """The company whose authority table counts."""
        return self.company_id or self.env.company

    def _get_approval_amount(self):
        """What is asked for, in company currency, >= 0."""
        raise NotImplementedError(f"{self._name} lacks _get_approval_amount")

    def _get_approval_fingerprint(self):
        """Plain values which, when they change, make the request lapse: amounts, lines, debtor, terms."""
        raise NotImplementedError(f"{self._name} lacks _get_approval_fingerprint")

    def _get_approval_excluded_users(self):
        """Further users who may not decide."""
        return self.env["res.users"]

    def _get_approval_related(self):
        """Records that the document is about (a hold: its order): what somebody did there counts for
        segregation of duties as if he had done it on the document.

        :return: list of records, of any models
        """
        return []

    def _get_approval_partner(self):
        """The customer concerned."""
        return self.partner_id if "partner_id" in self._fields else self.env["res.partner"]

    def _get_approval_summary(self):
        """The figures that an approver needs, as HTML."""
        return Markup()

    def _on_request_approved(self, request):
        """Do what was asked for."""

    def _on_request_rejected(self, request):
        """The answer is no."""

    def _on_request_lapsed(self, request):
        """The document changed, or the reason is gone."""
        self._on_request_returned(request)

    def _on_request_withdrawn(self, request):
        """The requester took it back."""
        self._on_request_returned(request)

    def _on_request_returned(self, request):
        """Nobody decided: the document goes back to who works on it."""
