from odoo import api, fields, models
from odoo.addons.o2c_approval.models.request_decision import KEPT_CONTEXT
from odoo.exceptions import UserError
from odoo.fields import Command


class OrderChange(models.Model):
    """What somebody wants of a confirmed order: quantities, prices, discounts, further products.

    What breaks no rule is applied at once. What does is decided by the authority table and applied
    exactly as approved, or not at all.
    """

    _name = "o2c.order.change"
    _description = "Change of an order"
    _inherit = ["o2c.transition.mixin", "o2c.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _mail_post_access = "read"

    _approval_kind = "order_change"
    _guarded_create_allowed = True
    _guarded_fields = (
        "name",
        "company_id",
        "partner_id",
        "user_id",
        "requested_by_id",
        "contributor_ids",
        "checked_on",
        "outcome",
        "amount_before",
        "amount_after",
        "excess",
        "found",
        "reasons",
        "applied_on",
    )
    _transition_event = "change_moved"
    _transitions = {
        "draft": ("requested", "applied", "cancelled"),
        "requested": ("applied", "refused", "lapsed", "draft"),
        "refused": ("draft", "cancelled"),
        "lapsed": ("draft", "cancelled"),
    }

    name = fields.Char(readonly=True, copy=False)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("requested", "Waiting for approval"),
            ("applied", "Applied"),
            ("refused", "Refused"),
            ("lapsed", "Lapsed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
        copy=False,
    )
    order_id = fields.Many2one(
        "sale.order", required=True, index=True, ondelete="restrict", domain=[("state", "=", "sale")]
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, ondelete="restrict")
    partner_id = fields.Many2one(
        related="order_id.partner_id", string="Customer", store=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        related="order_id.user_id", string="Salesperson", store=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="order_id.currency_id", string="Currency of the order")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Currency of the company")
    line_ids = fields.One2many("o2c.order.change.line", "change_id", string="Lines", copy=False)
    reason = fields.Text(help="Why the order should be changed although a rule speaks against it.")
    valid_until = fields.Date(
        string="Released until",
        default=lambda self: self.env.company._o2c_get_release_day(),
        help="Last day on which the approval covers the deliveries and invoices of the order.",
    )

    # What the controls said about the order as it would be
    outcome = fields.Selection(
        [
            ("free", "Breaks no rule: it is applied at once"),
            ("approval", "Has to be approved"),
            ("forbidden", "Nobody can allow it"),
        ],
        string="What follows",
        readonly=True,
        copy=False,
    )
    checked_on = fields.Datetime(readonly=True, copy=False)
    amount_before = fields.Monetary(
        string="Order before", currency_field="company_currency_id", readonly=True, copy=False
    )
    amount_after = fields.Monetary(
        string="Order after", currency_field="company_currency_id", readonly=True, copy=False
    )
    excess = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        help="Greatest amount by which a rule would be broken in total, after the change.",
    )
    found = fields.Json(readonly=True, copy=False, help="Excess per control, as it was checked.")
    reasons = fields.Json(readonly=True, copy=False)
    reasons_html = fields.Html(string="What was found", compute="_compute_reasons_html", sanitize=False)
    requested_by_id = fields.Many2one(
        "res.users", string="Asked by", readonly=True, copy=False, ondelete="restrict"
    )
    contributor_ids = fields.Many2many(
        "res.users",
        "o2c_order_change_contributor_rel",
        "change_id",
        "user_id",
        string="Worked out by",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Whoever wrote lines, reason or day. None of them decides on the change.",
    )
    applied_on = fields.Datetime(readonly=True, copy=False)
    can_edit = fields.Boolean(compute="_compute_can_edit")

    _waiting_uniq = models.UniqueIndex(
        "(order_id) WHERE state = 'requested'", "Another change of this order waits for its approval."
    )

    # === COMPUTES === #

    @api.depends("reasons")
    def _compute_reasons_html(self):
        for change in self:
            change.reasons_html = bool(change.reasons) and self.env["ir.qweb"]._render(
                "o2c_hold.banner", {"reasons": change.reasons}
            )

    @api.depends("state", "order_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        for change in self:
            change.can_edit = change.has_access("write") and change.order_id.has_access("write")

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """A change belongs to a confirmed order that its author may change.

        :raise AccessError: for those who may not write the order
        :raise UserError: when the order is not confirmed
        """
        changes = super().create(vals_list)
        for change in changes:
            change._check_order()
            number = self.sudo().search_count([("order_id", "=", change.order_id.id)])
            change._guarded_write({"name": f"{change.order_id.name}/{number}"})
        changes._add_contributor()
        return changes

    def write(self, vals):
        asked = bool({"order_id", "reason", "valid_until", "line_ids"} & vals.keys())
        if asked:
            self._check_draft()
        if "order_id" in vals and any(change.order_id.id != vals["order_id"] for change in self):
            raise UserError(self.env._("A change stays with its order. Request another one."))
        result = super().write(vals)
        if asked:
            self._add_contributor()
        return result

    # === CHECKS === #

    def _check_order(self):
        self.order_id.check_access("write")
        if self.order_id.state != "sale":
            raise UserError(
                self.env._(
                    "%s is not confirmed: change it directly.",
                    self.order_id.display_name,
                )
            )

    def _check_draft(self):
        """:raise UserError: what was submitted is what will be decided"""
        for change in self:
            if change.state != "draft":
                raise UserError(
                    self.env._(
                        "%(change)s is %(state)s and can't be edited. Withdraw it, or request another one.",
                        change=change.display_name,
                        state=self._get_state_labels()[change.state],
                    )
                )

    def _check_answered(self):
        """:raise UserError: while a request waits: it would go on about a draft that is edited"""
        for change in self:
            if change.state == "requested":
                raise UserError(
                    self.env._(
                        "%s waits for approval. Whoever asked for it withdraws the request first.",
                        change.display_name,
                    )
                )

    def _check_may_change(self):
        """:raise AccessError: unless the user may write the change and its order"""
        self.check_access("write")
        self.order_id.check_access("write")

    def _check_changes_something(self):
        if not self.line_ids.filtered("is_changed"):
            raise UserError(self.env._("%s changes nothing. Enter what shall be different.", self.name))

    # === ACTIONS === #

    def action_check(self):
        """Say what the controls would find in the order as it would be."""
        for change in self:
            change._check_may_change()
            change._check_draft()
            change._check_order()
            change._check_changes_something()
            change._with_clean_context()._check()
        return True

    def action_submit(self):
        """Apply the change if it breaks no rule; else ask those whom the authority table names."""
        for change in self:
            change.action_check()
            change._with_clean_context()._submit()
        return True

    def action_back_to_draft(self):
        """Take a refused or lapsed change up again; the answer stays in the history."""
        self._check_may_change()
        self._check_answered()
        self._move_state("draft", message=lambda change: self.env._("%s is edited again.", change.name))
        self._forget_check()
        return True

    def action_cancel(self):
        """Give the change up."""
        self._check_may_change()
        self._move_state("cancelled", message=lambda change: self.env._("%s was given up.", change.name))
        return True

    def action_open_order(self):
        """Open the order."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
        }

    # === BUSINESS METHODS === #

    def _submit(self):
        self.ensure_one()
        if self.outcome == "forbidden":
            texts = [reason["message"] for reason in self.reasons if reason["tone"] == "danger"]
            raise UserError(self.env._("Nobody can allow this change:\n%s", "\n".join(texts)))
        if self.outcome == "free":
            self._apply_freely()
            return
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the order should be changed: the approvers read it."))
        self.company_id._o2c_check_release_day(self.valid_until)
        self._move_state(
            "requested",
            event="change_requested",
            message=lambda change: self.env._("%s submitted for approval.", change.name),
            vals={"requested_by_id": self.env.uid},
            evidence=lambda change: change._get_evidence(),
        )
        self.sudo()._submit_for_approval(self.reason.strip())

    def _add_contributor(self):
        """Remember who worked on what is asked for: he decides on none of it."""
        user = self.env.user
        changes = self.sudo().filtered(lambda change: user not in change.contributor_ids)
        if changes:
            changes._guarded_write({"contributor_ids": [Command.link(user.id)]})

    def _forget_check(self):
        """What was checked is no longer what is asked for."""
        checked = self.filtered("checked_on")
        if checked:
            checked._guarded_write(
                {"checked_on": False, "outcome": False, "found": False, "reasons": False, "excess": 0.0}
            )

    def _with_clean_context(self):
        """The same records without what a caller put into the context, such as to skip procurement."""
        context = self.env.context
        return self.with_context({key: context[key] for key in KEPT_CONTEXT if key in context})

    def _get_evidence(self):
        self.ensure_one()
        return {
            "order": self.order_id.name,
            "before": self.amount_before,
            "after": self.amount_after,
            "excess": self.found,
            "lines": [line._describe() for line in self.line_ids if line.is_changed],
        }

    def _prepare_register_vals(self):
        self.ensure_one()
        order = self.sudo().order_id
        return {
            "partner": order._get_o2c_debtor(),
            "company": order.company_id,
            "amount": self.excess or self.amount_after,
            "currency": order.company_id.currency_id,
        }

    def _guard_get_hint(self):
        return self.env._("Check and submit the change; those who may decide on it do.")
