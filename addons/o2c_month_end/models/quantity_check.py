from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from ..rules import quantity as rules

SETTINGS = frozenset(("company_id", "date"))
# side: group, user field, date field
SIDES = {
    "warehouse": ("stock.group_stock_manager", "warehouse_user_id", "warehouse_date"),
    "finance": ("o2c_base.group_finance_officer", "finance_user_id", "finance_date"),
}


class Count(NamedTuple):
    """One product on one order, in the product's unit."""

    ordered: float = 0.0
    delivered: float = 0.0
    invoiced: float = 0.0
    drafted: float = 0.0
    returned: float = 0.0

    def plus(self, row, factor):
        """Together with one order line, whose unit is ``factor`` of the product's."""
        return Count(*(own + factor * getattr(row, name) for name, own in self._asdict().items()))


class QuantityCheck(models.Model):
    """Do sales, warehouse and finance agree what was ordered, delivered and invoiced? (control I3)

    Counting takes a snapshot as of the last day of a month. Differences that time does not explain get a
    word; then warehouse and finance sign, two people. What is signed stays as it is.
    """

    _name = "o2c.quantity.check"
    _inherit = ["o2c.transition.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Month-End Check of Quantities"
    _order = "date desc, id desc"

    _guarded_fields = (
        "counted_on", "tolerance", "warehouse_user_id", "warehouse_date", "finance_user_id", "finance_date",
        "reopen_reason",
    )  # fmt: skip
    _guarded_create_allowed = True
    _guarded_unlink_allowed = True
    _transition_event = "check_counted"
    _transitions = {
        "draft": ("counted",),
        "counted": ("counted", "half", "draft"),
        "half": ("counted", "signed"),
        "signed": ("counted",),
    }

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict")
    date = fields.Date(
        string="As of", required=True, default=lambda self: self._get_default_date(),
        help="Last day of the month.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("counted", "Counted"),
            ("half", "Signed by one side"),
            ("signed", "Signed off"),
        ],
        required=True, readonly=True, default="draft", copy=False, index=True, tracking=True)
    counted_on = fields.Datetime(readonly=True, copy=False)
    tolerance = fields.Float(
        readonly=True, digits=(5, 2), copy=False,
        help="Percent of the ordered quantity that counted as no difference.")
    warehouse_user_id = fields.Many2one(
        "res.users", string="Warehouse", readonly=True, copy=False, ondelete="restrict")
    warehouse_date = fields.Datetime(string="Warehouse signed on", readonly=True, copy=False)
    finance_user_id = fields.Many2one(
        "res.users", string="Finance", readonly=True, copy=False, ondelete="restrict")
    finance_date = fields.Datetime(string="Finance signed on", readonly=True, copy=False)
    reopen_reason = fields.Char(string="Opened again because", readonly=True, copy=False)
    line_ids = fields.One2many("o2c.quantity.check.line", "check_id", string="Lines", copy=False)
    line_count = fields.Integer(string="Products on orders", compute="_compute_counts")
    difference_count = fields.Integer(string="Differences", compute="_compute_counts")
    unexplained_count = fields.Integer(
        string="To explain", compute="_compute_counts", help="Differences that need a word and have none.")

    _month_uniq = models.UniqueIndex(
        "(company_id, date)", "The quantities of this month are being checked already.")

    # === COMPUTES === #

    @api.model
    def _get_default_date(self):
        return self.env.company._o2c_today().replace(day=1) - timedelta(days=1)

    @api.depends("date", "company_id")
    def _compute_display_name(self):
        for check in self:
            check.display_name = self.env._(
                "Quantities %s", format_date(self.env, check.date, date_format="yyyy-MM")
                if check.date else "")

    @api.depends("line_ids.reason", "line_ids.explanation", "state")
    def _compute_counts(self):
        counts = defaultdict(lambda: [0, 0, 0])
        for check, reason, explained, count in self.env["o2c.quantity.check.line"]._read_group(
                [("check_id", "in", self.ids)], ["check_id", "reason", "is_explained"], ["__count"]):
            numbers = counts[check.id]
            numbers[0] += count
            numbers[1] += count if reason not in ("agreed", "within") else 0
            numbers[2] += count if reason in rules.NEEDS_WORD and not explained else 0
        for check in self:
            check.line_count, check.difference_count, check.unexplained_count = counts[check._origin.id]

    # === CHECKS === #

    @api.constrains("date", "company_id")
    def _check_date(self):
        for check in self:
            if (check.date + timedelta(days=1)).day != 1:
                raise ValidationError(self.env._(
                    "%s is not the last day of a month.", format_date(self.env, check.date)))
            if check.date > check.company_id._o2c_today():
                raise ValidationError(self.env._(
                    "Nobody knows what will have been delivered by %s.", format_date(self.env, check.date)))

    def _guard_check_write(self, vals):
        if not SETTINGS.isdisjoint(vals) and any(check.state != "draft" for check in self):
            raise UserError(self.env._("The quantities of this month are counted. Make another check."))
        return super()._guard_check_write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counted(self):
        for check in self:
            if check.state != "draft":
                raise UserError(self.env._("%s was counted and stays in the history.", check.display_name))

    def _check_side(self, *sides):
        """:raise AccessError: unless the user signs for one of these sides; the attempt is registered"""
        self.check_access("read")
        user = self.env.user
        for check in self.sudo():
            allowed = check.company_id in user.company_ids and any(
                user.has_group(SIDES[side][0]) for side in sides)
            if not allowed:
                message = self.env._(
                    "Warehouse managers and finance officers of the company check its quantities, each for "
                    "their side.")
                self.env["o2c.register"]._log_refusal(check, "guard_refused", message)
                raise AccessError(message)

    # === ACTIONS === #

    def action_count(self):
        """Take the snapshot, or take it again; signatures given so far are void.

        :raise AccessError: unless warehouse or finance asks
        :raise UserError: when it is signed off
        """
        self._check_side("warehouse", "finance")
        for check in self:
            if check.state == "signed":
                raise UserError(self.env._(
                    "%s is signed off. The finance director opens it again.", check.display_name))
            check.sudo()._count()
        return True

    def action_view_lines(self):
        """Lines of the check; ``o2c_filter`` in the context chooses among them."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_month_end.quantity_check_line_action")
        action["domain"] = [("check_id", "=", self.id)]
        shown = self.env.context.get("o2c_filter")
        action["context"] = {f"search_default_{shown}": 1} if shown in ("differences", "unexplained") else {}
        return action

    # === BUSINESS METHODS === #

    def _count(self):
        """Replace the lines by what is so now, as of the day. Explanations of the same figures stay."""
        self.ensure_one()
        tolerance = self.company_id.o2c_check_tolerance
        counts = self._get_counts(self.company_id, self.date)
        words = {
            (line.order_id.id, line.product_id.id, line.ordered, line.delivered, line.invoiced):
                (line.explanation, line.explained_by_id.id)
            for line in self.line_ids if line.explanation
        }
        self.line_ids._guarded_unlink()
        self.env["o2c.quantity.check.line"]._guarded_create([
            self._prepare_line_vals(key, count, tolerance, words) for key, count in counts.items()
        ])
        self._move_state(
            "counted",
            vals={
                "counted_on": fields.Datetime.now(), "tolerance": tolerance,
                **dict.fromkeys(("warehouse_user_id", "warehouse_date", "finance_user_id", "finance_date"),
                                False),
            },
            message=self.env._("%(check)s: %(count)s products on orders counted",
                               check=self.display_name, count=len(counts)),
            evidence=self._get_evidence(),
        )

    @api.model
    def _prepare_month(self, company, day):
        """The check of a month, counted, unless there is one or nothing to count. For the monthly job."""
        if self.search_count([("company_id", "=", company.id), ("date", "=", day)], limit=1):
            return
        if self._get_counts(company, day):
            check = self.create({"company_id": company.id, "date": day})
            check._count()
            check._tell_sides()

    def _tell_sides(self):
        """An activity for those who sign, each for their side; it goes when their side has signed."""
        for group, *__ in SIDES.values():
            for user in self.env["o2c.accrual.run"]._get_people(group, self.company_id):
                self.activity_schedule(
                    "o2c_month_end.mail_activity_type_quantities", user_id=user.id,
                    date_deadline=self.company_id._o2c_today() + timedelta(days=3))

    @api.model
    def _get_counts(self, company, day):
        """``{(order id, product id): Count}`` of goods, at the end of the day, in the product's unit."""
        ledger = self.env["o2c.month.end.ledger"]
        order_ids = ledger._get_open_order_ids(company, day, since=day.replace(day=1))
        rows = [
            row for row in ledger._get_quantities(company, day, order_ids)
            if row.method == "stock_move" and row.product_id and not row.is_downpayment
        ]
        factors = self._get_factors({row.line_id for row in rows})
        orders = self._get_ordered_by(company, day, {row.order_id for row in rows})
        counts = defaultdict(Count)
        for row in rows:
            if row.order_id in orders or row.delivered or row.invoiced:
                key = (row.order_id, row.product_id)
                counts[key] = counts[key].plus(row, factors[row.line_id])
        return counts

    @api.model
    def _get_factors(self, line_ids):
        """``{line id: units of the product in one unit of the line}``; units are few."""
        lines = self.env["sale.order.line"].browse(line_ids)
        lines.fetch(["product_uom_id", "product_id"])
        return {
            line.id: line.product_uom_id.factor / (line.product_id.uom_id.factor or 1.0)
            if line.product_uom_id != line.product_id.uom_id else 1.0
            for line in lines
        }

    @api.model
    def _get_ordered_by(self, company, day, order_ids):
        """Of these orders, those that were confirmed until the end of the day."""
        until = self.env["o2c.month.end.ledger"]._get_midnight(company, day)
        return set(self.env["sale.order"].search(
            [("id", "in", list(order_ids)), ("date_order", "<", until)]).ids)

    def _prepare_line_vals(self, key, count, tolerance, words):
        order_id, product_id = key
        digits = self.env["o2c.month.end.ledger"]._get_digits()
        figures = {name: round(value, digits) for name, value in count._asdict().items()}
        figures["reason"] = rules.reason(
            figures["ordered"], figures["delivered"], figures["invoiced"],
            returned=figures["returned"], tolerance=tolerance / 100, digits=digits)
        word, explained_by = words.get(
            (order_id, product_id, figures["ordered"], figures["delivered"], figures["invoiced"]),
            (False, False))
        return {
            "check_id": self.id, "order_id": order_id, "product_id": product_id, **figures,
            "explanation": word, "is_explained": bool(word), "explained_by_id": explained_by,
        }

    def _get_evidence(self):
        self.invalidate_recordset(["line_count", "difference_count", "unexplained_count"])
        return {
            "date": str(self.date), "lines": self.line_count, "differences": self.difference_count,
            "unexplained": self.unexplained_count, "tolerance": self.tolerance,
        }

    def _prepare_register_vals(self):
        return {"company": self.company_id}

    @api.model
    def _get_overview_data(self, code):
        """Checks that are not signed off."""
        waiting = self.search_count([("state", "!=", "signed")])
        return {
            "count": waiting,
            "caption": self.env._("not signed off by both sides"),
            "tone": "warning" if waiting else "muted",
        }

    def _guard_get_hint(self):
        return self.env._("Use the buttons Count and Sign.")
