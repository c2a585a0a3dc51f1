from collections.abc import Mapping
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.o2c_base.models.wording import join_names
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from .decision import is_above

# States in which a document waits.
BLOCKING = frozenset(("open", "requested", "refused", "lapsed"))
LINKS = ("order_id", "picking_id", "move_id")


class Hold(models.Model):
    """A verdict that stopped a document: one per document, checkpoint and control.

    Nobody writes holds: documents open them, the figures or an approval close them.
    """

    _name = "o2c.hold"
    _description = "Hold"
    _inherit = ["o2c.transition.mixin", "o2c.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "opened_on desc, id desc"
    _mail_post_access = "read"
    _rec_names_search = ["document_name", "partner_id", "control_id"]

    _guarded_fields = "*"
    # A cancelled document may be deleted: res_model, res_id and its name stay.
    _guarded_links = ("order_id", "picking_id", "move_id", "team_id")
    _transition_event = "hold_changed"
    # From anywhere to "released": a change of a confirmed order is approved before it can be held.
    _transitions = {
        "observed": ("open", "cleared", "released"),
        "open": ("requested", "cleared", "released"),
        "requested": ("released", "refused", "lapsed", "open", "cleared"),
        "released": ("lapsed", "cleared", "released"),
        "refused": ("requested", "cleared", "released"),
        "lapsed": ("requested", "cleared", "released"),
        "cleared": ("open", "observed", "released"),
    }

    state = fields.Selection(
        [
            ("observed", "Observed only"),
            ("open", "On hold"),
            ("requested", "Release requested"),
            ("released", "Released"),
            ("refused", "Release refused"),
            ("lapsed", "Release lapsed"),
            ("cleared", "Cleared"),
        ],
        required=True,
        readonly=True,
        default="open",
        index=True,
        copy=False,
    )

    # Document
    res_model = fields.Char(string="Document model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field="res_model", required=True, readonly=True
    )
    document_name = fields.Char(string="Document", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True, index="btree_not_null", ondelete="set null")
    picking_id = fields.Many2one(
        "stock.picking", string="Delivery", readonly=True, index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, index="btree_not_null", ondelete="set null"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Who owes: company of the invoice address.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", string="Salesperson", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    team_id = fields.Many2one("crm.team", string="Sales team", readonly=True)
    amount = fields.Monetary(readonly=True, help="What the document is about, in company currency.")

    # Verdict
    checkpoint = fields.Selection(
        [("order", "Order"), ("delivery", "Delivery"), ("invoice", "Invoice")], required=True, readonly=True
    )
    # A control that stopped something stays with its history, even when its module is uninstalled.
    control_id = fields.Many2one(
        "o2c.control", string="Reason", required=True, readonly=True, index=True, ondelete="restrict"
    )
    code = fields.Char(related="control_id.code", store=True, string="Code")
    severity = fields.Selection(
        selection=lambda self: self.env["o2c.control"]._get_severity_selection(), required=True, readonly=True
    )
    message = fields.Text(string="What was found", readonly=True)
    advice = fields.Char(related="control_id.advice", string="What to do")
    evidence = fields.Json(readonly=True)
    evidence_html = fields.Html(string="Figures", compute="_compute_evidence_html", sanitize=False)
    excess = fields.Monetary(
        readonly=True,
        help="By how much the rule is broken in total, after this document. Zero where it is no amount.",
    )
    degree = fields.Float(
        readonly=True,
        aggregator=None,
        help="By how much the rule is broken where that is no amount, such as days to pay.",
    )
    opened_on = fields.Datetime(string="On hold since", readonly=True)
    age_days = fields.Integer(string="Age in days", compute="_compute_age_days", aggregator=None)

    is_readable = fields.Boolean(compute="_compute_is_readable", search="_search_is_readable")
    can_act = fields.Boolean(compute="_compute_can_act", help="Whether the reader may ask for a release.")

    # Who wanted to go on
    confirm_requested = fields.Boolean(
        string="To be confirmed",
        readonly=True,
        help="Somebody asked for the step; it is taken once nothing stops it.",
    )
    confirm_user_id = fields.Many2one("res.users", string="Asked by", readonly=True, ondelete="restrict")

    _document_unique = models.UniqueIndex("(res_model, res_id, checkpoint, control_id)")
    _waiting_idx = models.Index("(partner_id) WHERE state IN ('open', 'requested', 'refused', 'lapsed')")

    # === COMPUTES === #

    @api.depends("document_name", "control_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for hold in self:
            hold.display_name = self.env._(
                "%(document)s: %(control)s", document=hold.document_name, control=hold.control_id.name
            )

    @api.depends("evidence", "currency_id")
    def _compute_evidence_html(self):
        for hold in self:
            hold.evidence_html = self.env["ir.qweb"]._render(
                "o2c_hold.figures", {"figures": self._format_evidence(hold.evidence, hold.currency_id)}
            )

    @api.depends("opened_on")
    def _compute_age_days(self):
        now = fields.Datetime.now()
        for hold in self:
            hold.age_days = (now - hold.opened_on).days if hold.opened_on else 0

    @api.depends("order_id", "picking_id", "move_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_readable(self):
        found = self.sudo().search(Domain("id", "in", self._origin.ids) & self._get_readable_domain())
        for hold in self:
            hold.is_readable = hold._origin.id in found._ids

    @api.model
    def _search_is_readable(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_readable_domain()

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_can_act(self):
        for hold in self:
            hold.can_act = hold._is_actable()

    # === LOOK-UP === #

    @api.model
    def _get_readable_domain(self):
        """Holds of documents that the user may read, by the document's own access rules."""
        return Domain.OR(
            self._get_sub_query_domain(link, documents._search([]))
            for link in LINKS
            for documents in [
                self.env[self._fields[link].comodel_name].sudo(False).with_context(active_test=False)
            ]
            if documents.has_access("read")
        )

    @staticmethod
    def _get_sub_query_domain(link, documents):
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN %s", SQL.identifier(alias, link), documents.subselect()
            )
        )

    @api.model
    def _get_for_documents(self, documents):
        """Holds of documents and releases of their orders: ``{document id: holds}``, in one query."""
        # On the screen a document may be one that is being edited: its holds are those of the original.
        orders = {document.id: document._get_o2c_order()._origin.id for document in documents}
        released = [oid for oid in orders.values() if oid] if documents._name != "sale.order" else []
        found = self._find_for_documents(documents, released)
        return {
            document.id: found.filtered(
                lambda hold, document=document: (
                    (hold.res_model, hold.res_id) == (documents._name, document._origin.id)
                    or (
                        hold.state == "released" and hold.order_id and hold.order_id.id == orders[document.id]
                    )
                )
            )
            for document in documents
        }

    @api.model
    def _find_for_documents(self, documents, order_ids):
        """Holds of documents, and releases of orders. Each judgement asks: hence no search()."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM o2c_hold
                 WHERE res_model = %s AND res_id = ANY(%s) OR order_id = ANY(%s) AND state = 'released'
                 ORDER BY %s
                """,
                documents._name,
                documents._origin.ids,
                order_ids,
                SQL(self._order),
                to_flush=[self._fields[name] for name in ("res_model", "res_id", "order_id", "state")],
            )
        )
        return self.sudo().browse(hold_id for [hold_id] in rows)

    def _is_covering(self, document, judgement):
        """Whether this release covers what a control found on a document.

        The same code, debtor and company; not forbidden; not past its date; and neither the excess nor
        the amount of the order are greater than those that were approved, but for the deviation that
        was fixed with the release. What is no amount (days to pay) must not be more at all.
        """
        self.ensure_one()
        company = document.company_id
        margin = 1 + self.released_deviation / 100
        return (
            self.state == "released"
            and judgement.effect == "hold"
            and judgement.code == self.code
            and self.company_id == company
            and self.partner_id == document._get_o2c_debtor()
            and bool(self.released_until)
            and company._o2c_today() <= self.released_until
            and (not self.released_degree or judgement.verdict.degree <= self.released_degree)
            and not is_above(judgement.verdict.excess, self.released_excess * margin, company.currency_id)
            and not is_above(
                self._get_scope_amount(document), self.released_amount * margin, company.currency_id
            )
        )

    @api.model
    def _get_scope_amount(self, document):
        """What a release is given for: the whole order where there is one, else the document."""
        return (document._get_o2c_order() or document)._get_o2c_amount()

    def _get_document(self):
        """The document, or an empty recordset of its model when it was deleted."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id).exists()

    @api.model
    def _format_evidence(self, evidence, currency):
        """Evidence as rows to show: ``[{"label", "text", "is_number"}]``, amounts in ``currency``."""
        pairs = evidence.items() if isinstance(evidence, Mapping) else (evidence or [])
        return [
            {
                "label": str(label).replace("_", " ").capitalize() if str(label).islower() else label,
                "text": self._format_figure(value, currency),
                "is_number": isinstance(value, int | float) and not isinstance(value, bool),
            }
            for label, value in pairs
        ]

    @api.model
    def _format_figure(self, value, currency):
        if isinstance(value, bool):
            return self.env._("Yes") if value else self.env._("No")
        if isinstance(value, float):
            return formatLang(self.env, value, currency_obj=currency)
        if isinstance(value, list | tuple):
            return join_names(self.env, [self._format_figure(item, currency) for item in value])
        if isinstance(value, Mapping):
            pairs = [
                self.env._("%(label)s: %(figure)s", label=key, figure=self._format_figure(item, currency))
                for key, item in value.items()
            ]
            return join_names(self.env, pairs)
        return "" if value is None else str(value)

    # === CRUD === #

    def _guard_get_hint(self):
        return self.env._("A hold is released by approval: ask for a release.")

    def _prepare_register_vals(self):
        self.ensure_one()
        return {
            "partner": self.partner_id,
            "company": self.company_id,
            "amount": self.excess or self.amount,
            "currency": self.currency_id,
        }

    @api.model
    def _get_overview_data(self, code):
        """Numbers of the tiles on the overview page."""
        if code == "hold_observed":
            return {"count": self.search_count([("state", "=", "observed")])}
        waiting = [("state", "in", tuple(BLOCKING))]
        count = self.search_count(waiting)
        old = self.search_count([*waiting, ("opened_on", "<", fields.Datetime.now() - timedelta(days=7))])
        return {
            "count": count,
            "tone": "danger" if old else "warning" if count else "muted",
            "caption": self.env._("%s of them for more than a week", old) if old else False,
        }

    # === ACTIONS === #

    def action_open_document(self):
        """Open the document that waits, with the rights of the user."""
        self.ensure_one()
        self.check_access("read")
        document = self._get_document()
        if not document:
            raise UserError(self.env._("%s does not exist any more.", self.document_name))
        document.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "views": [(False, "form")],
        }

    def action_recheck(self):
        """Look at the figures now: clear what is no longer stopped, refresh the rest."""
        self._check_may_act()
        self.sudo()._recheck()
        return True

    def _check_may_act(self):
        """Whoever may change the documents, and the credit officers, may ask for a release or a recheck.

        :raise AccessError: for those who only read, such as auditors
        """
        self.check_access("read")
        for hold in self:
            if not hold._is_actable():
                raise AccessError(
                    self.env._(
                        "Only those who may change %s and credit officers can do this.", hold.document_name
                    )
                )

    def _is_actable(self):
        """Whether the user may change the document (if it still exists), or works on credit."""
        self.ensure_one()
        if self.env.su or self.env.user.has_group("o2c_base.group_credit_officer"):
            return True
        document = self.sudo()._get_document().sudo(False)
        return not document or document.has_access("write")
