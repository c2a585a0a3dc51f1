import psycopg2
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AccrualRun(models.Model):
    """How a month-end run books and takes back: a batch at a time, each order at most once."""

    _inherit = "o2c.accrual.run"

    # === RUN === #

    def _process_lines(self, lines):
        """A batch as one; where that fails, each order for itself, so that one does not stop the others."""
        try:
            with self.env.cr.savepoint():
                self._process_batch(lines)
        except psycopg2.OperationalError:
            raise
        except Exception:
            self.env.invalidate_all()
            super()._process_lines(lines)

    def _process_batch(self, lines):
        """:raise UserError: where an order can't be booked"""
        run = self.sudo()
        messages = run._cancel_lines(lines.sudo()) if self.phase == "cancel" else run._book(lines.sudo())
        for line in lines:
            line._guarded_write({"state": "done", "message": messages[line.id]})

    def _run_line(self, line):
        run = self.sudo()
        line = line.sudo()
        return (run._cancel_lines(line) if self.phase == "cancel" else run._book(line))[line.id]

    def _finish(self):
        if self.phase != "cancel":
            return super()._finish()
        self.invalidate_recordset(["total", "done_count", "error_count", "progress"])
        if self.error_count:
            return super()._finish()
        if not self.try_lock_for_update(allow_referencing=True):
            return None
        message = self.env._("%(run)s was cancelled: %(reason)s", run=self.display_name,
                             reason=self.cancel_reason)
        self._move_state("cancelled", event="accrual_cancelled", message=message, vals={
            "date_finished": fields.Datetime.now()})
        self._tell_starter(message)
        return None

    # === BOOKING === #

    def _book(self, lines):
        """Entries of these orders and their reversals, as superuser: the approval is the right.

        :return: ``{line id: result}``
        :raise UserError: when an order is not any more what was approved, or a day is locked
        """
        self._check_open()
        lines = lines.filtered(lambda line: not line.move_id)
        self._check_unchanged(lines)
        entries = self._in_company(lines)
        moves = self.env["account.move"].with_company(self.company_id).create(
            [line._prepare_move_vals() for line in entries])
        moves._post(soft=False)
        self._check_dates(moves, self.date)
        reversals = self._reverse(moves, self._get_reversal_date())
        for line, move, reversal in zip(entries, moves, reversals, strict=True):
            (move | reversal)._link_o2c_accrual(line)
            line._guarded_write({"move_id": move.id, "reversal_id": reversal.id})
        return {line.id: line.move_id.name for line in lines}

    def _in_company(self, lines):
        return lines.with_company(self.company_id).with_context(allowed_company_ids=self.company_id.ids)

    def _check_open(self):
        if lock := self._get_lock():
            raise UserError(lock)

    def _check_unchanged(self, lines):
        """:raise UserError: naming the orders that are not what was approved"""
        figures = self.env["o2c.accrual.figures"]._get_figures(
            self.company_id, self.date, lines.order_id.ids)
        changed = lines.filtered(lambda line: line._get_difference(figures.get(line.order_id.id)))
        if changed:
            raise UserError(self.env._(
                "%(orders)s changed after the run was prepared: nothing was booked. Cancel the run and "
                "prepare another one when the order is right.",
                orders=", ".join(changed.order_id.mapped("name"))))

    def _check_dates(self, moves, day):
        """Odoo moves entries out of locked periods without a word.

        :raise UserError: when it did
        """
        for move in moves:
            if move.date != day:
                raise UserError(self.env._(
                    "%(day)s is locked: Odoo would book on %(other)s.", day=format_date(self.env, day),
                    other=format_date(self.env, move.date)))

    def _reverse(self, moves, day):
        """Reversals dated ``day``: posted now, or by Odoo when the day has come."""
        reversals = moves._reverse_o2c_accrual([
            {
                "date": day,
                "journal_id": move.journal_id.id,
                "ref": self.env._("Reversal of %(name)s (%(ref)s)", name=move.name, ref=move.ref),
            }
            for move in moves
        ])
        reversals._post(soft=True)
        self._check_dates(reversals.filtered(lambda move: move.state == "posted"), day)
        return reversals

    # === CANCELLING === #

    def _cancel_lines(self, lines):
        """Reverse entries on their own days; reversals that wait for their day are cancelled.

        :return: ``{line id: result}``
        """
        self._check_open()
        messages = {}
        for line in self._in_company(lines):
            taken = self.env["account.move"]
            for move in (line.move_id, line.reversal_id):
                if move.state == "posted":
                    taken |= self._reverse(move, move.date)
                elif move.state == "draft":
                    move._link_o2c_accrual(self.env["o2c.accrual.order"])
                    move.button_cancel()
                    move._link_o2c_accrual(line)
            taken._link_o2c_accrual(line)
            messages[line.id] = ", ".join(filter(None, taken.mapped("name")))
        return messages
