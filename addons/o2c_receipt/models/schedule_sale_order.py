from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .instalment import QUOTATION_STATES

CHANGERS = ("o2c_base.group_finance_officer", "o2c_base.group_credit_manager")
TEMPLATE = "o2c_schedule_template_id"


class SaleOrder(models.Model):
    """The payment schedule of an order: chosen on the quotation, fixed by the confirmation."""

    _inherit = "sale.order"

    # === FIELDS === #

    o2c_schedule_template_id = fields.Many2one(
        "o2c.schedule.template",
        string="Payment schedule",
        ondelete="restrict",
        domain="[('company_id', 'in', (False, company_id))]",
        help="When which part of the order has to be paid. Without one the payment term counts,"
        " from delivery.",
    )
    o2c_instalment_ids = fields.One2many(
        "o2c.instalment", "order_id", string="Parts of the schedule", copy=True
    )
    o2c_schedule_html = fields.Html(
        string="Instalments",
        compute="_compute_o2c_schedule_html",
        sanitize=False,
        help="What is due when, and what of it is invoiced and paid.",
    )

    # === COMPUTES === #

    @api.depends("state", "amount_total", "o2c_instalment_ids")
    def _compute_o2c_schedule_html(self):
        confirmed = self.filtered(lambda order: order.state == "sale" and order._origin.id)
        (self - confirmed).o2c_schedule_html = False
        found = self.env["o2c.schedule"]._get_instalments(confirmed)
        for order in confirmed:
            order.o2c_schedule_html = order._render_o2c_schedule(found[order._origin.id])

    def _render_o2c_schedule(self, instalments):
        today = fields.Date.context_today(self)
        kinds = self._get_o2c_instalment_kinds()
        rows = [
            {
                "row": row,
                "kind": kinds[row.kind],
                "is_late": row.due < today and self.currency_id.compare_amounts(row.open, 0) > 0,
            }
            for row in instalments
        ]
        return self.env["ir.qweb"]._render(
            "o2c_receipt.schedule_table", {"rows": rows, "currency": self.currency_id, "order": self})

    def _get_o2c_instalment_kinds(self):
        """Labels of kinds in the user's language, with that of a payment term."""
        labels = dict(self.env["o2c.instalment"]._fields["kind"]._description_selection(self.env))
        return {**labels, "term": self.env._("Payment term")}

    @api.onchange(TEMPLATE)
    def _onchange_o2c_schedule_template_id(self):
        if self.state in QUOTATION_STATES:
            self.o2c_instalment_ids = [
                fields.Command.clear(),
                *(fields.Command.create(vals) for vals in self._prepare_o2c_instalments()),
            ]

    # === CHECKS === #

    @api.constrains("o2c_instalment_ids")
    def _check_o2c_instalments(self):
        for order in self:
            order.o2c_instalment_ids._check_sum(order.name)

    @api.constrains(TEMPLATE)
    def _check_o2c_schedule_company(self):
        for order in self:
            company = order.sudo().o2c_schedule_template_id.company_id
            if company and company not in order.company_id.parent_ids:
                raise UserError(self.env._(
                    "The payment schedule belongs to %(company)s, order %(order)s to another company.",
                    company=company.name, order=order.name))

    def _check_o2c_schedule_open(self):
        """Refuse to choose another schedule for an order that is confirmed.

        :raise AccessError: naming who may change it; the attempt is registered
        """
        for order in self:
            if order.state not in QUOTATION_STATES:
                self.env["o2c.instalment"]._guard_refuse("create", ())

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        if any(vals.get(TEMPLATE) for vals in vals_list) or self.env.context.get(f"default_{TEMPLATE}"):
            for order, vals in zip(orders, vals_list, strict=True):
                if order.o2c_schedule_template_id and "o2c_instalment_ids" not in vals:
                    order._apply_o2c_template()
        return orders

    def write(self, vals):
        if TEMPLATE not in vals:
            return super().write(vals)
        self._check_o2c_schedule_open()
        result = super().write(vals)
        if "o2c_instalment_ids" not in vals:
            self._apply_o2c_template()
        return result

    def unlink(self):
        """The schedule of a quotation goes with it."""
        self.check_access("unlink")
        self.sudo().o2c_instalment_ids._guarded_unlink()
        return super().unlink()

    # === BUSINESS METHODS === #

    def _apply_o2c_template(self):
        """Replace the parts by those of the chosen template; without one by none."""
        for order in self:
            order.write({"o2c_instalment_ids": [
                fields.Command.clear(),
                *(fields.Command.create(vals) for vals in order._prepare_o2c_instalments()),
            ]})

    def _prepare_o2c_instalments(self):
        return [line._prepare_part_vals() for line in self.sudo().o2c_schedule_template_id.line_ids]

    def _change_o2c_schedule(self, parts, reason):
        """Agree on another schedule for a confirmed order.

        :param parts: list of values of instalments, none: back to the payment term. A part with the
            ``id`` of one that the order has stays that part, and keeps the money that was given to it;
            money of parts that go pays the oldest again
        :param reason: why; registered with the terms before and after
        :raise AccessError: for anybody but a finance officer or credit manager, and for who sells
        :raise UserError: without a reason; where the terms break a rule that they kept before, or break one
            further than they did: then nothing is changed
        """
        self.ensure_one()
        self._check_o2c_schedule_changer()
        self.check_access("read")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the schedule changes. The reason is registered."))
        order = self.sudo()
        before = order._describe_o2c_schedule()
        with order._gate_o2c_change(order._get_o2c_schedule_text):
            order._replace_o2c_instalments(parts)
            order.invalidate_recordset(["o2c_instalment_ids", "o2c_schedule_html"])
            order.o2c_instalment_ids._check_sum(order.name)
        self._register_o2c_schedule(before, order._describe_o2c_schedule(), reason.strip())
        self.env["o2c.hold"]._recheck_partner(order.partner_invoice_id)

    def _replace_o2c_instalments(self, parts):
        """Write the parts that stay, create the new ones, and delete the others."""
        owned, fresh, kept = {part.id: part for part in self.o2c_instalment_ids}, [], []
        for vals in parts:
            terms = {name: value for name, value in vals.items() if name != "id"}
            part = owned.pop(vals.get("id"), None)
            if part:
                kept.append((part, terms))
            else:
                fresh.append({**terms, "order_id": self.id})
        Instalment = self.env["o2c.instalment"].sudo()
        Instalment.browse(list(owned))._guarded_unlink()
        for part, terms in kept:
            part._guarded_write(terms)
        Instalment._guarded_create(fresh)

    def _check_o2c_schedule_changer(self):
        if not any(map(self.env.user.has_group, CHANGERS)):
            raise AccessError(self.env._(
                "The schedule of a confirmed order is changed by a finance officer or credit manager."))
        if self.sudo().user_id == self.env.user:
            raise AccessError(self.env._(
                "You sell order %s: somebody else changes when it has to be paid.", self.name))

    def _describe_o2c_schedule(self):
        """The agreed terms, one text per part."""
        return [
            f"{part.display_name}: {part.terms}" for part in self.o2c_instalment_ids.sorted("sequence")
        ] or [self.payment_term_id.name or self.env._("at delivery")]

    def _register_o2c_schedule(self, before, after, reason):
        self.env["o2c.register"]._log(
            self, "schedule_changed",
            self.env._(
                "Payment schedule of order %(order)s changed: %(reason)s", order=self.name, reason=reason),
            evidence={"before": before, "after": after, "reason": reason})
        lines = Markup("").join(Markup("<li>%s</li>") % text for text in after)
        self.sudo().message_post(body=Markup("%s<ul>%s</ul>") % (
            self.env._("Payment schedule changed: %s", reason), lines))

    # === ACTIONS === #

    def action_o2c_change_schedule(self):
        """Ask for the new schedule of a confirmed order, and why.

        :raise AccessError: for anybody but a finance officer or credit manager
        """
        self.ensure_one()
        self.check_access("read")
        self._check_o2c_schedule_changer()
        return self.env["o2c.schedule.change"]._start(self)
