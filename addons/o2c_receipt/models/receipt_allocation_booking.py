from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, float_compare, format_amount, format_date


class ReceiptAllocation(models.Model):
    """Opening and closing of allocations. Callers have checked who asks (`_check_allocator`)."""

    _inherit = "o2c.receipt.allocation"

    # === BUSINESS METHODS === #

    @api.model
    def _allocate(self, receipt, amounts, *, origin="manual", reason=None, previous=None):
        """Give parts of a receipt to orders and match them with invoices that are open already.

        :param receipt: posted payment or bank line
        :param amounts: ``{order or instalment: positive amount in receipt currency}``: money that is
            free now
        :param origin: how it came about; ``online`` is never refused, since the customer has paid
        :return: the new rows, with superuser rights
        :raise UserError: when the receipt has not that much, or belongs to somebody else
        """
        receipt, orders = receipt.sudo(), self._join_orders(amounts)
        self._lock(receipt)
        if origin != "online":
            self._check_receipt(receipt)
            self._check_orders(receipt, orders)
            self._check_instalments(amounts)
        self._keep_matched(receipt)
        values = [
            self._prepare_row(receipt, key, amount, origin=origin, previous=previous)
            for key, amount in amounts.items()
        ]
        rows = self.sudo()._guarded_create(values)
        if origin != "online":
            self._check_money(receipt, orders)
        rows._announce("receipt_allocated", reason)
        self._settle(orders, receipt)
        return rows

    def _reallocate(self, targets, reason, *, released=0.0):
        """Give money of this row to other orders or instalments, or set it free; the rest stays where
        it is.

        :param targets: ``{order or instalment: positive amount in receipt currency}``
        :param released: amount that becomes free
        :return: the rows that follow, with superuser rights
        :raise UserError: when there is not that much, or a target may not have it
        """
        self.ensure_one()
        row, orders = self.sudo(), self._join_orders(targets)
        receipt = row._get_receipt()
        self._lock(receipt)
        row._check_active()
        moved = sum(targets.values()) + released
        row._check_moved(moved)
        if targets:
            self._check_receipt(receipt)
            self._check_orders(receipt, orders)
            self._check_instalments(targets)
        self._keep_matched(receipt)
        row._close("replaced" if targets else "void", reason)
        rows = self.sudo()._guarded_create([
            self._prepare_row(receipt, key, amount, origin="reallocation", previous=row)
            for key, amount in row._get_followers(targets, abs(row.amount) - moved).items()
        ])
        self._check_money(receipt, orders | row.order_id)
        row._announce("receipt_released", reason, amount=moved)
        keys = [key.sudo() for key in targets]
        rows.filtered(lambda new: new._get_key() in keys)._announce("receipt_reallocated", reason)
        self._settle(orders | row.order_id, receipt)
        return rows

    def _get_followers(self, targets, rest):
        """Amounts of the rows that follow this one: ``{order or instalment: amount}``."""
        followers = {key.sudo(): amount for key, amount in targets.items()}
        if self.currency_id.compare_amounts(rest, 0) > 0:
            key = self._get_key()
            followers[key] = followers.get(key, 0.0) + rest
        return followers

    @api.model
    def _get_free(self, ref):
        """What a receipt has that is neither reconciled nor allocated, in its currency."""
        rows = self.env.execute_query(SQL(
            "SELECT open - taken FROM (%s) receipts",
            self.env["o2c.receipt.ledger"]._sql_receipts(SQL("SELECT %s AS receipt_ref", ref)),
        ))
        return float(rows[0][0] or 0.0) if rows else 0.0

    # === CHECKS === #

    def _check_active(self):
        if self.state != "active":
            raise UserError(self.env._("This allocation has ended already. Open the one that follows it."))

    def _check_moved(self, amount):
        """Refuse to move nothing, or more than the row holds."""
        over = amount - abs(self.amount)
        if self.currency_id.compare_amounts(over, 0) > 0:
            raise UserError(self.env._(
                "%(allocated)s of %(receipt)s are allocated here, %(over)s less than you want to move."
                " Lower the amount.",
                allocated=format_amount(self.env, abs(self.amount), self.currency_id),
                receipt=self.receipt_name,
                over=format_amount(self.env, over, self.currency_id)))
        if self.currency_id.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("Say how much of it you want to move."))

    @api.model
    def _check_receipt(self, receipt):
        """Only money that is there can be given to an order.

        :raise UserError: for what is not posted, or dated after today
        """
        if receipt.date > receipt.company_id._o2c_today():
            raise UserError(self.env._(
                "%(receipt)s is dated %(day)s: there is no money before that day. Allocate it then.",
                receipt=receipt.display_name, day=format_date(self.env, receipt.date)))
        if not receipt._is_o2c_counting():
            raise UserError(self.env._(
                "%s is not posted: there is no money to allocate. Post it first.", receipt.display_name))

    @api.model
    def _check_orders(self, receipt, orders):
        """Money stays within the company and with who paid it.

        :raise UserError: naming the order; :raise AccessError: for a group without a finance officer
        """
        payer = receipt.partner_id.commercial_partner_id
        for order in orders:
            if order.company_id.root_id != receipt.company_id.root_id:
                raise UserError(self.env._(
                    "%(receipt)s belongs to %(company)s, order %(order)s to another company.",
                    receipt=receipt.display_name, company=receipt.company_id.name, order=order.name))
            if order.state == "cancel":
                raise UserError(self.env._("Order %s is cancelled. Choose another one.", order.name))
            debtor = order.partner_invoice_id.commercial_partner_id
            if payer != debtor:
                self._check_group(receipt, order, payer, debtor)

    @api.model
    def _check_group(self, receipt, order, payer, debtor):
        group = debtor.o2c_corporate_group_id
        if not payer or not group or payer.o2c_corporate_group_id != group:
            raise UserError(self.env._(
                "%(receipt)s was paid by %(payer)s, order %(order)s is owed by %(debtor)s. A receipt is"
                " allocated to orders of who paid it, or of the same corporate group.",
                receipt=receipt.display_name, payer=payer.name or self.env._("nobody"),
                order=order.name, debtor=debtor.name))
        if not self.env.user.has_group("o2c_base.group_finance_officer"):
            raise AccessError(self.env._(
                "%(payer)s paid, %(debtor)s owes: both belong to %(group)s. Ask a finance officer to"
                " allocate money within a corporate group.",
                payer=payer.name, debtor=debtor.name, group=group.name))

    @api.model
    def _check_money(self, receipt, orders):
        """Refuse when more was given than the receipt has, or more paid back than an order got.

        Looked at afterwards, by the same statement that says what was collected.
        """
        ledger, currency = self.env["o2c.receipt.ledger"], receipt._get_o2c_currency()
        query = ledger._sql_receipts(SQL("SELECT %s AS receipt_ref", receipt._get_o2c_ref()))
        for row in self.env.execute_query_dict(SQL("SELECT open, given FROM (%s) receipts", query)):
            missing = float(row["given"]) - float(row["open"])
            if float_compare(missing, 0, precision_digits=currency.decimal_places) > 0:
                raise UserError(self.env._(
                    "%(receipt)s has %(open)s left, %(missing)s less than what would be allocated."
                    " Lower the amounts, or release other allocations of it.",
                    receipt=receipt.display_name,
                    open=format_amount(self.env, float(row["open"]), currency),
                    missing=format_amount(self.env, missing, currency)))
        if receipt._get_o2c_money() < 0:
            self._check_collected(orders)

    @api.model
    def _check_collected(self, orders):
        query = self.env["o2c.receipt.ledger"]._sql_collected(
            SQL("orders.id = ANY(%s)", list(orders.ids)), clamp=False)
        found = dict(self.env.execute_query(SQL("SELECT order_id, collected FROM (%s) sums", query)))
        for order in orders:
            lacking = -float(found[order.id])
            if float_compare(lacking, 0, precision_digits=order.currency_id.decimal_places) > 0:
                raise UserError(self.env._(
                    "Order %(order)s has collected %(lacking)s less than would be paid back."
                    " Lower the amount.",
                    order=order.name, lacking=format_amount(self.env, lacking, order.currency_id)))

    @api.model
    def _check_unlink(self, domain):
        """What allocations are about stays: they are history.

        :param domain: of the allocations of what would be deleted
        :raise UserError: naming the first
        """
        row = self.sudo().search(domain, limit=1)
        if row:
            raise UserError(self.env._(
                "%(receipt)s was allocated to order %(order)s, and this stays in the history."
                " Cancel it instead of deleting it.",
                receipt=row.receipt_name, order=row.order_id.name))

    # === HELPERS === #

    @api.model
    def _join_orders(self, amounts):
        return self.env["sale.order"].sudo().union(*[self._get_order(key) for key in amounts])

    @api.model
    def _lock(self, receipt):
        """Let two allocations of one receipt collide, so that the second sees what the first took.

        An update without a change: Odoo runs the loser of the conflict again, on new figures.
        """
        table = SQL.identifier(receipt._table)
        receipt.flush_recordset()
        self.env.cr.execute(SQL("UPDATE %s SET write_date = write_date WHERE id = %s", table, receipt.id))

    @api.model
    def _keep_matched(self, receipt):
        """Open rows for what the receipt has paid on invoices without any allocation.

        Without them a new allocation would change how the cash of a collective invoice is shared.
        """
        query = self.env["o2c.receipt.ledger"]._sql_used(
            SQL("SELECT %s AS receipt_ref", receipt._get_o2c_ref()))
        currency, values = receipt._get_o2c_currency(), []
        for row in self.env.execute_query_dict(query):
            amount = currency.round(float(row["used"]) - float(row["given"]))
            if currency.compare_amounts(amount, 0) > 0:
                order = self.env["sale.order"].sudo().browse(row["order_id"])
                values.append(self._prepare_row(receipt, order, amount, origin="matched"))
        return self.sudo()._guarded_create(values) if values else self.browse()

    @api.model
    def _prepare_row(self, receipt, key, amount, *, origin, previous=None):
        """:param key: order, or instalment that stands for its order and names itself"""
        currency, order, instalment = (
            receipt._get_o2c_currency(), self._get_order(key), self._get_instalment(key))
        company = order.company_id
        if currency.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("Give order %s an amount above zero.", order.name))
        signed = currency.round(amount) * (-1 if receipt._get_o2c_money() < 0 else 1)
        return {
            f"{'payment' if receipt._name == 'account.payment' else 'statement_line'}_id": receipt.id,
            "receipt_ref": receipt._get_o2c_ref(),
            "receipt_name": receipt.display_name,
            "receipt_date": receipt.date,
            "order_id": order.id,
            "instalment_id": instalment.id,
            "instalment_name": instalment.display_name,
            "partner_id": order.partner_invoice_id.commercial_partner_id.id,
            "company_id": company.id,
            "currency_id": currency.id,
            "amount": signed,
            "order_currency_id": order.currency_id.id,
            "order_amount": currency._convert(signed, order.currency_id, company, receipt.date),
            "company_amount": currency._convert(signed, company.currency_id, company, receipt.date),
            "state": "active",
            "origin": origin,
            "date_from": fields.Datetime.now(),
            "user_id": self.env.uid,
            "previous_id": previous.id if previous else False,
        }

    def _close(self, state, reason):
        self.sudo()._guarded_write({
            "state": state,
            "date_to": fields.Datetime.now(),
            "closed_by_id": self.env.uid,
            "reason": reason,
        })

    def _settle(self, orders, receipt):
        """What follows from a changed allocation: invoices are matched, what none takes is kept as an
        advance, holds get another look."""
        orders.invalidate_recordset(["o2c_collected", "o2c_collected_ratio", "o2c_uncollected"])
        self.env["o2c.receipt.matching"]._match_orders(orders, receipt)
        self.env["o2c.hold"]._recheck_partner(orders.partner_invoice_id)

    def _announce(self, event, reason=None, *, amount=None):
        """Register the rows and tell the order and the receipt.

        :param amount: how much of the row it is about, where it is not all of it
        """
        texts = {row: row._describe(event, reason, amount) for row in self}
        self.env["o2c.register"]._log_many([
            {
                **row._prepare_entry_vals(),
                "event": event,
                "message": text,
                "amount": row.amount if amount is None else amount,
            }
            for row, text in texts.items()
        ])
        for row, text in texts.items():
            row.order_id.message_post(body=text)
            (row.payment_id or row.statement_line_id.move_id).message_post(body=text)

    def _prepare_entry_vals(self):
        """Values of an entry of the register about this row."""
        return {
            "record": self,
            "partner": self.partner_id,
            "amount": self.amount,
            "currency": self.currency_id,
            "company": self.company_id,
            "evidence": {
                "order": self.order_id.name,
                "instalment": self.instalment_name or None,
                "receipt": self.receipt_name,
                "amount_in_order_currency": self.order_amount,
                "origin": self.origin,
                "follows": self.previous_id.id,
            },
        }

    def _format_amount(self, amount=None):
        return format_amount(self.env, self.amount if amount is None else amount, self.currency_id)

    def _describe(self, event, reason, amount=None):
        values = {
            "receipt": self.receipt_name,
            "order": self._get_target_name(),
            "amount": self._format_amount(amount),
            "reason": reason or "",
        }
        if event == "receipt_released":
            text = self.env._(
                "%(amount)s of %(receipt)s taken back from order %(order)s. %(reason)s", **values)
        elif event == "receipt_reallocated":
            text = self.env._(
                "%(amount)s of %(receipt)s re-allocated to order %(order)s. %(reason)s", **values)
        else:
            text = self.env._("%(amount)s of %(receipt)s allocated to order %(order)s. %(reason)s", **values)
        return text.strip()
