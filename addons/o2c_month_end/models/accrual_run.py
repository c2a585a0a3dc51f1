from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.o2c_base.models.wording import join_names
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

SETTINGS = frozenset(("company_id", "date"))
KINDS = ("asset", "receivable", "liability", "none")


class AccrualRun(models.Model):
    """Books what was delivered and not invoiced at the end of a month, and reverses it the next day.

    Prepare measures the orders and books nothing; submit asks the finance director; approval starts the
    booking, an entry per order, in the background. What changed since the approval is not booked.
    """

    _name = "o2c.accrual.run"
    _inherit = ["o2c.run.mixin", "o2c.approval.mixin", "mail.activity.mixin"]
    _description = "Month-End Run"
    _order = "date desc, id desc"

    _guarded_fields = ("prepared_on", "phase", "cancel_reason")
    _approval_kind = "accrual"
    _transitions = {
        "draft": ("prepared",),
        "prepared": ("prepared", "draft", "requested"),
        "requested": ("prepared", "running"),
        "running": ("paused", "done", "failed", "cancelled"),
        "paused": ("running",),
        "failed": ("running", "cancelled"),
        "done": ("running", "cancelled"),
    }

    name = fields.Char(default=lambda self: self.env._("Month end"))
    date = fields.Date(
        string="As of",
        required=True,
        default=lambda self: self._get_default_date(),
        help="Last day of the month. Entries are dated so, and reversed on the next day.",
    )
    state = fields.Selection(
        selection_add=[
            ("prepared", "Prepared"),
            ("requested", "Waiting for approval"),
            ("running",),
            ("paused",),
            ("done", "Booked"),
            ("failed",),
            ("cancelled", "Cancelled"),
        ],
        ondelete={"prepared": "cascade", "requested": "cascade", "cancelled": "cascade"},
    )
    phase = fields.Selection(
        [("book", "Booking"), ("cancel", "Cancelling")], readonly=True, default="book", copy=False)
    prepared_on = fields.Datetime(readonly=True, copy=False, help="When the orders were measured.")
    cancel_reason = fields.Char(readonly=True, copy=False)
    line_ids = fields.One2many("o2c.accrual.order", "run_id", string="Orders", copy=False)
    currency_id = fields.Many2one(related="company_id.currency_id")
    order_count = fields.Integer(string="Orders to book", compute="_compute_totals")
    left_out_count = fields.Integer(string="Left out", compute="_compute_totals")
    move_count = fields.Integer(string="Entries", compute="_compute_move_count")
    asset_total = fields.Monetary(string="Contract assets", compute="_compute_totals")
    receivable_total = fields.Monetary(string="Unbilled receivables", compute="_compute_totals")
    liability_total = fields.Monetary(
        string="Contract liabilities", compute="_compute_totals",
        help="What the account gets: more liability is negative, what advances cover is positive.")
    covered_total = fields.Monetary(
        string="Netted with advances", compute="_compute_totals",
        help="Earned, and paid for by advances on account: it lessens contract liabilities and makes no"
        " asset.")
    revenue_total = fields.Monetary(string="Revenue", compute="_compute_totals")
    tax_total = fields.Monetary(string="Deferred tax", compute="_compute_totals")
    cost_total = fields.Monetary(string="Cost", compute="_compute_totals")
    findings = fields.Text(
        string="Before you submit", compute="_compute_findings", help="What stands in the way now.")

    _month_uniq = models.UniqueIndex(
        "(company_id, date) WHERE state NOT IN ('draft', 'cancelled')",
        "There is a run for this month already. Cancel it before you make another one.",
    )

    # === COMPUTES === #

    @api.model
    def _get_default_date(self):
        return self.env.company._o2c_today().replace(day=1) - timedelta(days=1)

    @api.depends("date", "company_id", "name")
    def _compute_display_name(self):
        for run in self:
            run.display_name = self.env._(
                "%(name)s %(month)s", name=run.name or "",
                month=format_date(self.env, run.date, date_format="yyyy-MM") if run.date else "")

    @api.depends("state", "line_ids.is_left_out")
    def _compute_totals(self):
        totals = {}
        groups = self.env["o2c.accrual.order"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "kind", "is_left_out"],
            ["__count", "balance:sum", "revenue:sum", "tax_balance:sum", "cost:sum", "covered_balance:sum"])
        for run, *group in groups:
            totals.setdefault(run.id, []).append(group)
        for run in self:
            rows = totals.get(run._origin.id, [])
            booked = [row for row in rows if not row[1]]
            run.left_out_count = sum(row[2] for row in rows if row[1])
            run.order_count = sum(row[2] for row in booked)
            for kind in ("asset", "receivable", "liability"):
                run[f"{kind}_total"] = sum(row[3] - row[7] for row in booked if row[0] == kind)
            run.covered_total = sum(row[7] for row in booked)
            run.liability_total += run.covered_total
            run.revenue_total = sum(row[4] for row in booked)
            run.tax_total = sum(row[5] for row in booked)
            run.cost_total = sum(row[6] for row in booked)

    @api.depends("state")
    def _compute_move_count(self):
        counts = dict(self.env["account.move"].sudo()._read_group(
            [("o2c_accrual_order_id.run_id", "in", self.ids)], ["o2c_accrual_order_id"], ["__count"]))
        for run in self:
            run.move_count = sum(
                count for line, count in counts.items() if line.run_id == run._origin)

    @api.depends("state", "date", "company_id", "line_ids.is_left_out")
    def _compute_findings(self):
        for run in self:
            found = run._get_findings() if run.state in ("draft", "prepared") and run.date else []
            run.findings = "\n".join(found) or False

    # === CHECKS === #

    @api.constrains("date", "company_id")
    def _check_date(self):
        for run in self:
            if (run.date + timedelta(days=1)).day != 1:
                raise ValidationError(self.env._(
                    "%s is not the last day of a month.", format_date(self.env, run.date)))
            if run.date > run.company_id._o2c_today():
                raise ValidationError(self.env._(
                    "Nobody knows what will have been delivered by %s.", format_date(self.env, run.date)))

    def _guard_check_write(self, vals):
        if not SETTINGS.isdisjoint(vals) and any(run.state != "draft" for run in self):
            raise UserError(self.env._(
                "The orders were measured for this month. Go back to draft, or make another run."))
        return super()._guard_check_write(vals)

    def _check_run_right(self):
        """Finance officers of the company, against ``env.user``.

        :raise AccessError: the attempt is registered
        """
        self.check_access("read")
        self._check_role("o2c_base.group_finance_officer", self.env._(
            "Finance officers make and submit month-end runs."))
        return super()._check_run_right()

    def _check_director(self):
        """:raise AccessError: unless the finance director of the company asks"""
        self.check_access("read")
        self._check_role("o2c_base.group_finance_director", self.env._(
            "Only the finance director cancels a month-end run."))

    def _check_role(self, group, message):
        user = self.env.user
        for run in self.sudo():
            if user.has_group(group) and run.company_id in user.company_ids:
                continue
            self.env["o2c.register"]._log_refusal(run, "guard_refused", message)
            raise AccessError(message)

    @api.model
    def _check_reason(self, reason):
        """:raise UserError: without a reason"""
        if not isinstance(reason, str) or not reason.strip():
            raise UserError(self.env._("Say why: the reason is registered."))
        return reason.strip()

    def _get_findings(self):
        """Sentences about what a finance officer should know before submitting; nothing is refused here."""
        self.ensure_one()
        company = self.company_id.sudo()
        found = []
        if other := self._get_other_run():
            found.append(self._get_other_message(other))
        kinds = self.line_ids.filtered(lambda line: not line.is_left_out)._get_booked_kinds()
        gaps = company._get_o2c_accrual_gaps(kinds, bool(self.tax_total) if self.line_ids else None)
        if gaps:
            found.append(self.env._(
                "The settings lack: %s. Create them there.", join_names(self.env, gaps)))
        if lock := self._get_lock():
            found.append(lock)
        if self._get_closings():
            found.append(self.env._(
                "The stock valuation was closed on that day: cost is in its variation already, and the run "
                "books none. Run the month end before the closing."))
        if not self._is_check_signed():
            found.append(self.env._(
                "Warehouse and finance have not signed the quantities of this month."))
        return found

    def _get_other_run(self):
        """Another run of the same month that is not cancelled, the unique index in words."""
        return self.sudo().search([
            ("company_id", "=", self.company_id.id), ("date", "=", self.date),
            ("state", "not in", ("draft", "cancelled")), ("id", "not in", self._origin.ids)], limit=1)

    def _get_other_message(self, other):
        states = other._get_state_labels()
        return self.env._(
            "There is a run for this month already (%(state)s). Go on with it, or let the finance director "
            "cancel it.", state=states[other.state])

    def _get_closings(self):
        return self.env["o2c.accrual.figures"]._get_closings(self.company_id.sudo(), self.date)

    def _get_lock(self):
        """A sentence about the lock date that forbids the entries or their reversals, or ``False``."""
        company = self.company_id
        journal = company.sudo().o2c_accrual_journal_id
        for day in (self.date, self._get_reversal_date()):
            if violated := company._get_violated_lock_dates(day, False, journal):
                return self.env._(
                    "%(day)s is locked (%(locks)s). Ask an accounting manager for an exception.",
                    day=format_date(self.env, day), locks=company._format_lock_dates(violated))
        return False

    def _is_check_signed(self):
        return bool(self.env["o2c.quantity.check"].sudo().search_count([
            ("company_id", "=", self.company_id.id), ("date", "=", self.date), ("state", "=", "signed")],
            limit=1))

    def _get_reversal_date(self):
        return self.date + timedelta(days=1)

    # === ACTIONS === #

    def action_start(self):
        """Runs of this kind begin with the finance director's approval.

        :raise UserError: always
        """
        raise UserError(self.env._(
            "A month-end run books when the finance director has approved it. Prepare and submit it."))

    def action_plan(self):
        """See ``action_start``.

        :raise UserError: always
        """
        return self.action_start()

    def action_prepare(self):
        """Measure the orders as they were at the end of the day. Books nothing; may be repeated.

        :raise AccessError: unless a finance officer of the company asks
        """
        self._check_run_right()
        for run in self:
            run._prepare_orders()
        return True

    def action_back_to_draft(self):
        """Throw the measures away, to choose another month.

        :raise AccessError: unless a finance officer of the company asks
        """
        self._check_run_right()
        for run in self:
            run._move_state("draft", vals={"prepared_on": False}, message=self.env._(
                "%s is a draft again", run.display_name))
            run.sudo().line_ids.item_ids._guarded_unlink()
            run.sudo().line_ids._guarded_unlink()
        return True

    def action_view_lines(self):
        """Orders of the run; ``o2c_kind`` in the context chooses a position."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_month_end.accrual_order_action")
        action["domain"] = [("run_id", "=", self.id)]
        kind = self.env.context.get("o2c_kind")
        action["context"] = {f"search_default_{kind}": 1} if kind in (*KINDS, "left_out") else {}
        return action

    def action_view_moves(self):
        """Entries that the run has booked, with their reversals."""
        self.ensure_one()
        self.check_access("read")
        self.env["account.move"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_journal_line")
        action["domain"] = [("o2c_accrual_order_id.run_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    # === BUSINESS METHODS === #

    def _prepare_orders(self, figures=None):
        """One line for each order with something to book, with its order lines.

        :param figures: where they have been measured just now
        """
        self.ensure_one()
        if self.state not in ("draft", "prepared"):
            raise UserError(self.env._("%s was submitted already.", self.display_name))
        if other := self._get_other_run():
            raise UserError(self._get_other_message(other))
        run = self.sudo()
        company = run.company_id
        if figures is None:
            figures = self.env["o2c.accrual.figures"].sudo()._get_figures(company, run.date)
        run.line_ids.item_ids._guarded_unlink()
        run.line_ids._guarded_unlink()
        lines = run._create_orders(figures)
        self._move_state(
            "prepared",
            event="accrual_prepared",
            vals={"prepared_on": fields.Datetime.now()},
            message=self.env._("%(run)s: %(count)s orders measured", run=self.display_name,
                               count=len(lines)),
            evidence={"orders": len(lines), "figures": run._get_totals()},
        )

    def _create_orders(self, figures):
        """Lines and items of the orders measured; two INSERTs."""
        orders = self.env["sale.order"].browse(figures)
        orders.fetch(["name", "partner_invoice_id", "currency_id"])
        model = self.env["o2c.accrual.order"]
        names = {
            line.id: (line.name or "").split("\n")[0] or line.product_id.display_name
            for line in self.env["sale.order.line"].browse(
                {item.sale_line_id for found in figures.values() for item in found.items})
        }
        lines = model._guarded_create([
            {"run_id": self.id, **model._prepare_figures_vals(figures[order.id], order)} for order in orders
        ])
        self.env["o2c.accrual.item"]._guarded_create([
            {"accrual_id": line.id, "name": names[item.sale_line_id], **item._asdict()}
            for line in lines for item in figures[line.order_id.id].items
        ])
        return lines

    def _get_totals(self):
        """Figures of the run for register and approval, in company currency."""
        names = ("order_count", "left_out_count", "asset_total", "receivable_total", "liability_total",
                 "covered_total", "revenue_total", "tax_total", "cost_total")
        self.invalidate_recordset(names)
        return {name: self[name] for name in names}

    def _prepare_register_vals(self):
        return {"company": self.company_id}

    @api.model
    def _get_overview_data(self, code):
        """Runs that wait for somebody."""
        waiting = self.search_count([("state", "in", ("prepared", "requested", "paused", "failed"))])
        return {
            "count": waiting,
            "caption": self.env._("prepared or waiting for approval"),
            "tone": "warning" if waiting else "muted",
        }

    def _guard_get_hint(self):
        return self.env._("Use the buttons Prepare, Submit and Cancel.")
