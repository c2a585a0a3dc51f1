import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)

COLLECTED = "o2c_hold.recheck"
BATCH = 20


class HoldRecheck(models.Model):
    """Customers whose holds want another look.

    Whatever frees a customer (a payment, a raised limit, a cancelled order) names him here. Naming is
    free: names are collected in the transaction, and one statement at its end writes down those of
    them who have something waiting. A bank import of ten thousand lines costs that one statement.
    """

    _name = "o2c.hold.recheck"
    _description = "Customer to recheck"
    _log_access = False

    # No foreign keys: a merged or deleted partner must not stop the queue.
    partner_ref = fields.Integer(string="Partner ID", required=True, readonly=True)
    company_ref = fields.Integer(string="Company ID", required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True)

    # === COLLECTING === #

    @api.model
    def _collect(self, partner_ids):
        """Name partners. Their commercial partners and corporate groups are found later."""
        collected = self.env.cr.precommit.data.get(COLLECTED)
        if collected is None:
            collected = self.env.cr.precommit.data[COLLECTED] = set()
            self.env.cr.precommit.add(self._write_collected)
        collected.update(partner_ids)

    def _write_collected(self):
        """Queue the named customers who have something waiting, and wake the job."""
        partner_ids = self.env.cr.precommit.data.pop(COLLECTED, None)
        if not partner_ids:
            return
        self.env.flush_all()
        if self.env.execute_query(self._sql_enqueue(sorted(partner_ids))):
            self.env.ref("o2c_hold.ir_cron_recheck").sudo()._trigger()

    @api.model
    def _sql_enqueue(self, partner_ids):
        return SQL(
            """
            WITH debtors AS (
                SELECT p.id, p.o2c_corporate_group_id
                  FROM res_partner p
                 WHERE p.id IN (SELECT commercial_partner_id FROM res_partner WHERE id = ANY(%(partners)s))
            ),
            concerned AS (
                SELECT id FROM debtors
                 UNION
                SELECT p.id
                  FROM res_partner p
                  JOIN debtors d ON d.o2c_corporate_group_id = p.o2c_corporate_group_id
            )
            INSERT INTO o2c_hold_recheck (partner_ref, company_ref, date)
            SELECT DISTINCT h.partner_id, h.company_id, %(now)s::timestamp
              FROM o2c_hold h
              JOIN concerned c ON c.id = h.partner_id
             WHERE h.state IN ('open', 'requested', 'refused', 'lapsed')
                OR h.state = 'released' AND h.confirm_requested
            RETURNING id
            """,
            partners=partner_ids,
            now=fields.Datetime.now(),
        )

    # === WORKING OFF === #

    @api.model
    def _cron_recheck(self):
        """Look again at the customers in the queue, each in a transaction of its own."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count([]))
        try:
            while done := self._run_batch(limit=1):
                if not cron._commit_progress(done):
                    break
        except OperationalError:
            # Somebody changed the same customer at this moment: he stays in the queue for a minute.
            self.env.cr.rollback()
            self.env.ref("o2c_hold.ir_cron_recheck").sudo()._trigger(
                fields.Datetime.now() + timedelta(minutes=1)
            )
            cron._commit_progress()

    @api.model
    def _run_batch(self, limit=BATCH):
        """Work off up to ``limit`` customers of the queue.

        Rows that another worker is at are left to it.
        :return: how many rows were worked off
        """
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM o2c_hold_recheck
                 WHERE id IN (SELECT id FROM o2c_hold_recheck ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
                RETURNING partner_ref, company_ref
                """,
                limit,
            )
        )
        for partner_id, company_id in sorted(set(rows)):
            self._recheck_customer(partner_id, company_id)
        return len(rows)

    @api.model
    def _recheck_customer(self, partner_id, company_id):
        holds = self.env["o2c.hold"].sudo()._get_waiting(partner_id, company_id)
        try:
            with self.env.cr.savepoint():
                holds._recheck()
        except OperationalError:
            raise
        except Exception:
            # One customer's broken document must not stop everybody else's.
            _logger.exception(
                "Recheck of the holds of partner %s in company %s failed", partner_id, company_id
            )
