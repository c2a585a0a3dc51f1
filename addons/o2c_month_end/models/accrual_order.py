from markupsafe import Markup
from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

KINDS = [
    ("asset", "Contract asset"),
    ("receivable", "Unbilled receivable"),
    ("liability", "Contract liability"),
    ("none", "No position"),
]
BASES = [
    ("complete", "Everything that was ordered has been delivered: only time passes until the money is due."),
    ("partial", "The order is not delivered whole: the right to the money waits for the rest."),
    ("delivery", "Each delivery gives the right to its money."),
    ("invoice", "The right to the money begins with the invoice."),
    ("liability", "More was invoiced or paid in advance than was delivered."),
    ("advance", "The customer's advance covers what was earned: on balance the contract is a liability."),
    ("none", "What was earned and what was invoiced are equal in sum."),
]
ACCOUNT_FIELDS = {
    "asset": "o2c_contract_asset_account_id",
    "receivable": "o2c_unbilled_account_id",
    "liability": "o2c_contract_liability_account_id",
}


class AccrualOrder(models.Model):
    """One order in a month-end run: its position, its entry, and how that was reversed. Guarded whole."""

    _name = "o2c.accrual.order"
    _inherit = ["o2c.run.line.mixin"]
    _description = "Order at Month End"
    _order = "run_id desc, id"
    _rec_name = "order_id"
    _rec_names_search = ["order_id.name", "partner_id.name"]

    _guarded_fields = "*"

    run_id = fields.Many2one(
        "o2c.accrual.run", string="Month-end run", required=True, readonly=True, index=True,
        ondelete="cascade")
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True, precompute=True)
    date = fields.Date(related="run_id.date", store=True, index=True, precompute=True)
    run_state = fields.Selection(related="run_id.state", string="State of the run")
    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="restrict")
    user_id = fields.Many2one(related="order_id.user_id", string="Salesperson")
    currency_id = fields.Many2one(
        "res.currency", string="Order currency", required=True, readonly=True, ondelete="restrict")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    kind = fields.Selection(KINDS, string="Position", required=True, readonly=True, index=True)
    basis = fields.Selection(BASES, string="Why", required=True, readonly=True)
    net = fields.Monetary(
        string="Without tax", readonly=True, help="Earned and not billed, in order currency.")
    tax = fields.Monetary(string="Deferred tax", readonly=True, help="In order currency.")
    amount = fields.Monetary(
        readonly=True,
        help="The position in order currency. Liabilities are negative.")
    tax_balance = fields.Monetary(
        string="Tax booked", currency_field="company_currency_id", readonly=True)
    balance = fields.Monetary(
        string="Booked", currency_field="company_currency_id", readonly=True,
        help="In company currency at the rate of the day. Liabilities are negative.")
    advance = fields.Monetary(
        string="Advance on account", readonly=True,
        help="Money of the customer on a liability account that no invoice has taken by the end of the day,"
        " in order currency, tax included.")
    covered = fields.Monetary(
        string="Netted with the advance", readonly=True,
        help="Part of the position that the advance pays for, in order currency. It lessens the contract"
        " liabilities instead of making an asset: one contract, one position (IFRS 15.105).")
    covered_balance = fields.Monetary(
        string="Netted", currency_field="company_currency_id", readonly=True,
        help="Part of what is booked that lessens contract liabilities, in company currency.")
    revenue = fields.Monetary(
        currency_field="company_currency_id", readonly=True, help="In company currency.")
    cost = fields.Monetary(
        currency_field="company_currency_id", readonly=True, help="In company currency.")
    item_ids = fields.One2many("o2c.accrual.item", "accrual_id", string="Order lines", readonly=True)
    move_ids = fields.One2many(
        "account.move", "o2c_accrual_order_id", string="Journal entries", readonly=True)
    move_id = fields.Many2one(
        "account.move", string="Entry", readonly=True, copy=False, index="btree_not_null",
        ondelete="restrict")
    reversal_id = fields.Many2one(
        "account.move", readonly=True, copy=False, index="btree_not_null",
        ondelete="restrict", help="Of the first day of the next month.")
    is_left_out = fields.Boolean(string="Left out", readonly=True)
    left_out_reason = fields.Char(readonly=True)
    preview = fields.Html(
        string="Journal entry", compute="_compute_preview", sanitize=False, help="As it will be booked.")

    _order_uniq = models.UniqueIndex("(run_id, order_id)", "An order stands once in a run.")
    _move_uniq = models.UniqueIndex("(move_id) WHERE move_id IS NOT NULL", "An entry belongs to one order.")

    # === COMPUTES === #

    @api.depends("item_ids", "kind", "balance")
    def _compute_preview(self):
        """The lines of the entry as a table: account, debit, credit in company currency."""
        for line in self:
            rows = line.sudo()._prepare_entry_lines() if line._has_accounts() else []
            line.preview = line._render_preview(rows)

    def _has_accounts(self):
        company = self.sudo().company_id
        return all(company[ACCOUNT_FIELDS[kind]] for kind in self._get_booked_kinds() if kind != "none")

    def _get_booked_kinds(self):
        """Kinds of positions for which accounts are needed."""
        kinds = set(self.mapped("kind"))
        return kinds | {"liability"} if any(self.mapped("covered_balance")) else kinds

    def _render_preview(self, rows):
        if not rows:
            return Markup("<p class='text-muted'>%s</p>") % self.env._(
                "Name the accounts in the settings, then the entry is shown here.")
        accounts = self.env["account.account"].sudo().browse([row["account_id"] for row in rows])
        names = {account.id: account.display_name for account in accounts}
        body = Markup().join(
            Markup("<tr><td>%s</td><td class='text-end'>%s</td><td class='text-end'>%s</td></tr>") % (
                names[row["account_id"]],
                self._format(max(row["balance"], 0.0)), self._format(max(-row["balance"], 0.0)))
            for row in rows)
        head = Markup("<tr><th>%s</th><th class='text-end'>%s</th><th class='text-end'>%s</th></tr>") % (
            self.env._("Account"), self.env._("Debit"), self.env._("Credit"))
        return Markup("<table class='table table-sm'><thead>%s</thead><tbody>%s</tbody></table>") % (
            head, body)

    def _format(self, amount):
        return format_amount(self.env, amount, self.company_currency_id) if amount else ""

    # === ACTIONS === #

    def action_open_order(self):
        """Open the order with the rights of the user."""
        self.ensure_one()
        self.check_access("read")
        order = self.order_id.sudo(False)
        order.check_access("read")
        return order.get_formview_action()

    def action_view_moves(self):
        """Entries of this order at this month end."""
        self.ensure_one()
        self.check_access("read")
        self.env["account.move"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_journal_line")
        action["domain"] = [("o2c_accrual_order_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    def action_leave_out(self, reason):
        """Leave orders out of the run, before it is submitted.

        :param reason: why; it is registered and part of what is approved
        :raise AccessError: unless a finance officer asks
        """
        self.run_id._check_run_right()
        for line in self:
            line._check_prepared()
        reason = self.run_id._check_reason(reason)
        self.sudo()._guarded_write({"is_left_out": True, "left_out_reason": reason})
        self._log_left_out(reason)
        return True

    def action_take_in(self):
        """Take orders that were left out into the run again.

        :raise AccessError: unless a finance officer asks
        """
        self.run_id._check_run_right()
        for line in self:
            line._check_prepared()
        self.sudo()._guarded_write({"is_left_out": False, "left_out_reason": False})
        self._log_left_out(self.env._("Taken in again"))
        return True

    def _check_prepared(self):
        self.check_access("read")
        if self.run_id.state != "prepared":
            raise UserError(self.env._(
                "%s is not in preparation: what was submitted stays as it is.", self.run_id.display_name))

    def _log_left_out(self, reason):
        self.env["o2c.register"]._log_many([
            {
                "record": line.run_id, "event": "accrual_left_out", "partner": line.partner_id,
                "amount": line.balance, "currency": line.company_currency_id,
                "message": self.env._("%(order)s at month end: %(reason)s",
                                      order=line.order_id.sudo().name, reason=reason),
                "evidence": {"order": line.order_id.sudo().name, "left_out": line.is_left_out},
            }
            for line in self
        ])

    # === ENTRY === #

    def _prepare_move_vals(self):
        """The entry of an order that has been measured."""
        self.ensure_one()
        return {
            "move_type": "entry",
            "date": self.date,
            "journal_id": self.company_id.o2c_accrual_journal_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.id,
            "ref": self.env._("%(order)s: earned, not billed on %(day)s", order=self.order_id.name,
                              day=self.date),
            "line_ids": [Command.create({**vals, "tax_ids": [Command.clear()]})
                         for vals in self._prepare_entry_lines()],
        }

    def _prepare_entry_lines(self):
        """Values of the journal items; they balance in company currency."""
        lines = []
        for item in self.item_ids:
            lines += self._prepare_item_lines(item)
        if self.tax or self.tax_balance:
            lines.append(self._prepare_line(
                self.company_id.o2c_deferred_vat_account_id, self.env._("Deferred output VAT"),
                -self.tax_balance, -self.tax))
        return lines + self._prepare_position_lines()

    def _prepare_position_lines(self):
        """The position, and what of it the customer's advance has paid for: that lessens the liabilities.

        The advance itself stays where it is until the invoice takes it: what lies there is the customer's
        money, which exposure and matching read.
        """
        lines = []
        labels = dict(self._fields["kind"]._description_selection(self.env))
        balance = self.company_currency_id.round(self.balance - self.covered_balance)
        amount = self.currency_id.round(self.amount - self.covered)
        if self.kind != "none" and (balance or amount):
            lines.append(self._prepare_line(
                self.company_id[ACCOUNT_FIELDS[self.kind]], labels[self.kind], balance, amount))
        if self.covered or self.covered_balance:
            lines.append(self._prepare_line(
                self.company_id[ACCOUNT_FIELDS["liability"]], self.env._("Earned, covered by the advance"),
                self.covered_balance, self.covered))
        return lines

    def _prepare_item_lines(self, item):
        label = item.name or self.order_id.name
        extra = {
            "product_id": item.product_id.id,
            "analytic_distribution": item.sale_line_id.analytic_distribution or False,
        }
        lines = []
        if item.net or item.balance:
            lines.append({
                **self._prepare_line(item.account_id, label, -item.balance, -item.net), **extra})
        if item.cost:
            lines.append({
                **self._prepare_line(item.expense_account_id, label, item.cost), **extra})
            lines.append({
                **self._prepare_line(item.stock_account_id, label, -item.cost),
                "product_id": item.product_id.id})
        return lines

    def _prepare_line(self, account, label, balance, amount=None):
        """One journal item; without ``amount`` in company currency."""
        foreign = amount is not None
        return {
            "account_id": account.id,
            "name": label,
            "partner_id": self.partner_id.id,
            "currency_id": (self.currency_id if foreign else self.company_currency_id).id,
            "balance": balance,
            "amount_currency": amount if foreign else balance,
        }

    # === MEASURES === #

    @api.model
    def _prepare_figures_vals(self, figures, order):
        """Values of one order from its ``Figures``."""
        return {
            "order_id": order.id,
            "partner_id": order.partner_invoice_id.commercial_partner_id.id,
            "currency_id": order.currency_id.id,
            "kind": figures.kind,
            "basis": figures.basis,
            "net": figures.net,
            "tax": figures.tax,
            "tax_balance": figures.tax_balance,
            "amount": figures.amount,
            "balance": figures.balance,
            "advance": figures.advance,
            "covered": figures.covered,
            "covered_balance": figures.covered_balance,
            "revenue": sum(item.balance for item in figures.items),
            "cost": sum(item.cost for item in figures.items),
        }

    def _get_difference(self, figures):
        """Whether an order is not any more what was approved.

        :param figures: as measured now, or ``None``
        """
        if figures is None:
            return True
        order = self.order_id
        same = {
            name: value for name, value in self._prepare_figures_vals(figures, order).items()
            if name not in ("order_id", "revenue", "cost")
        }
        for name, value in same.items():
            field = self._fields[name]
            now = self[name].id if field.type == "many2one" else self[name]
            if field.type == "monetary":
                if self[field.get_currency_field(self)].compare_amounts(now, value):
                    return True
            elif now != value:
                return True
        return self._get_item_keys() != self._make_item_keys(figures.items)

    def _get_item_keys(self):
        return sorted(
            (item.sale_line_id.id, round(item.net, 6), round(item.balance, 6), round(item.cost, 6),
             item.account_id.id, item.expense_account_id.id, item.stock_account_id.id)
            for item in self.item_ids)

    @api.model
    def _make_item_keys(self, items):
        return sorted(
            (item.sale_line_id, round(item.net, 6), round(item.balance, 6), round(item.cost, 6),
             item.account_id, item.expense_account_id, item.stock_account_id)
            for item in items)

    def _guard_get_hint(self):
        return self.env._("Prepare the run again, or leave the order out with a reason.")

