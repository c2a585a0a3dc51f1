"""The register: each decision of the suite, written once and never changed."""

import json
import logging
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.modules import module as odoo_module
from odoo.sql_db import Cursor
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

INSERT_BATCH = 5000
# A refusal is written while the refused transaction still holds its locks: never wait for them.
REFUSAL_LOCK_TIMEOUT = "1s"
RELATED = {"partner_id": "res.partner", "company_id": "res.company", "currency_id": "res.currency"}


class Register(models.Model):
    _name = "o2c.register"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Register of Decisions"
    _order = "id desc"
    _rec_name = "message"
    # Only inserts: no write_date and no stored computed field, which the ORM would UPDATE.
    _log_access = False
    _guarded_fields = "*"

    # Plain values instead of relations: merging or deleting a partner, a user or a document
    # must not reach into what was written.
    date = fields.Datetime(readonly=True, index=True)
    event = fields.Selection(
        selection=[
            ("guard_refused", "Direct change refused"),
            ("state_changed", "State changed"),
            ("policy_in_force", "Policy put in force"),
            ("policy_edited", "Policy edited"),
            ("policy_superseded", "Policy superseded"),
            ("policy_ended", "Policy ended"),
            ("group_changed", "Corporate group changed"),
            ("run_state", "Run"),
            ("register_verified", "Register verified"),
            ("register_exported", "Register exported"),
            ("preset_loaded", "Preset loaded"),
            ("preset_exported", "Set-up exported"),
            ("note", "Note"),
        ],
        readonly=True,
        index=True,
    )
    is_refusal = fields.Boolean(string="Refused", readonly=True)
    message = fields.Text(readonly=True)
    user_ref = fields.Integer(string="User ID", readonly=True, aggregator=None, index=True)
    user_name = fields.Char(string="User", readonly=True)
    company_ref = fields.Integer(string="Company ID", readonly=True, aggregator=None, index=True)
    company_name = fields.Char(string="Company", readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Integer(string="Document ID", readonly=True, aggregator=None)
    document_name = fields.Char(string="Document", readonly=True)
    partner_ref = fields.Integer(string="Partner ID", readonly=True, aggregator=None, index="btree_not_null")
    partner_name = fields.Char(string="Partner", readonly=True)
    amount = fields.Float(
        digits=(16, 2),
        readonly=True,
        aggregator=None,
        help="The amount that was decided on, in the currency beside it.",
    )
    currency_code = fields.Char(string="Currency", readonly=True)
    policy_model = fields.Char(readonly=True)
    policy_ref = fields.Integer(string="Policy ID", readonly=True, aggregator=None)
    policy_name = fields.Char(string="Policy", readonly=True)
    policy_version = fields.Integer(readonly=True, aggregator=None)
    evidence = fields.Json(readonly=True, help="The figures and facts on which was decided.")

    document_type = fields.Char(compute="_compute_document_type")
    evidence_text = fields.Text(string="Evidence in full", compute="_compute_evidence_text")

    seal_sequence = fields.Integer(
        string="Seal No.", compute="_compute_seal", search="_search_seal_sequence")
    seal_hash = fields.Char(string="Seal", compute="_compute_seal")

    _document_idx = models.Index("(res_model, res_id)")
    _complete = models.Constraint(
        "CHECK (date IS NOT NULL AND event IS NOT NULL AND message IS NOT NULL AND user_ref IS NOT NULL)",
        "A register entry needs its time, event, message and user.",
    )

    def init(self):
        super().init()
        self._protect_table(self._table)

    @api.model
    def _protect_table(self, name):
        """Let the database itself refuse UPDATE, DELETE and TRUNCATE of a table.

        Dropping the table is not refused: uninstalling the module removes the register.
        """
        table, row, whole = (
            SQL.identifier(name + suffix) for suffix in ("", "_append_only", "_no_truncate"))
        self.env.cr.execute("""
            CREATE OR REPLACE FUNCTION o2c_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
                      USING ERRCODE = 'insufficient_privilege';
            END $$""")
        self.env.cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", row, table))
        self.env.cr.execute(SQL(
            "CREATE TRIGGER %s BEFORE UPDATE OR DELETE ON %s"
            " FOR EACH ROW EXECUTE FUNCTION o2c_refuse_change()", row, table))
        self.env.cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", whole, table))
        self.env.cr.execute(SQL(
            "CREATE TRIGGER %s BEFORE TRUNCATE ON %s"
            " FOR EACH STATEMENT EXECUTE FUNCTION o2c_refuse_change()", whole, table))

    # === COMPUTES === #

    @api.depends("res_model")
    def _compute_document_type(self):
        for entry in self:
            known = entry.res_model in self.env
            entry.document_type = self.env[entry.res_model]._description if known else entry.res_model

    @api.depends("evidence")
    def _compute_evidence_text(self):
        for entry in self:
            entry.evidence_text = json.dumps(
                entry.evidence, indent=2, ensure_ascii=False, sort_keys=True) if entry.evidence else False

    def _compute_seal(self):
        seals = {
            seal.entry_ref: seal
            for seal in self.env["o2c.register.seal"].sudo().search([("entry_ref", "in", self.ids)])
        }
        for entry in self:
            seal = seals.get(entry.id)
            entry.seal_sequence = seal.sequence if seal else False
            entry.seal_hash = seal.hash if seal else False

    def _search_seal_sequence(self, operator, value):
        seals = self.env["o2c.register.seal"].sudo()
        if operator == "in" and not any(value):
            return Domain.custom(to_sql=lambda model, alias, query: SQL(
                "NOT EXISTS (SELECT FROM %s s WHERE s.entry_ref = %s)",
                SQL.identifier(seals._table), SQL.identifier(alias, "id")))
        if operator in ("in", ">", ">=", "<", "<="):
            found = seals._search([("sequence", operator, value)])
            return Domain.custom(to_sql=lambda model, alias, query: SQL(
                "%s IN %s", SQL.identifier(alias, "id"), found.subselect(
                    SQL.identifier(seals._table, "entry_ref"))))
        return NotImplemented

    # === ACTIONS === #

    def action_open_document(self):
        """Open the document of the entry, with the rights of the user who asks."""
        self.ensure_one()
        self.check_access("read")
        model = self.env.get(self.res_model)
        document = model.browse(self.res_id).exists() if model is not None and self.res_id else None
        if not document:
            raise UserError(self.env._(
                "%(document)s does not exist any more. The register keeps what was decided about it.",
                document=self.document_name,
            ))
        document.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "views": [(False, "form")],
        }

    # === BUSINESS METHODS === #

    @api.model
    def _log(self, record, event, message, **values):
        """Write one entry in the current transaction.

        :param record: document, or an empty recordset of its model
        :param event: key of the selection ``event``
        :param message: what was decided and why, for a reader without access to the document
        :param values: ``partner``, ``amount``, ``currency``, ``evidence`` (JSON-able dict),
            ``policy`` (record of a dated policy), ``company``; where partner, company and
            currency are not given, those of the document are taken
        :return: the entry
        """
        return self._log_many([{"record": record, "event": event, "message": message, **values}])

    @api.model
    def _log_many(self, vals_list):
        """Write many entries with one INSERT.

        :param vals_list: dicts of the arguments of ``_log``
        """
        rows = [self._prepare_entry(**vals) for vals in vals_list]
        ids = []
        for start in range(0, len(rows), INSERT_BATCH):
            ids += self._insert_entries(self.env.cr, rows[start:start + INSERT_BATCH])
        return self.browse(ids)

    @api.model
    def _log_refusal(self, record, event, message, **values):
        """Write an entry that survives the rollback of the refused transaction.

        Takes a connection of its own, never waits and never raises: whatever goes wrong here,
        the refusal itself has to reach the user. What can't be written goes to the server log.
        """
        try:
            row = {
                **self._prepare_entry(record=record, event=event, message=message, **values),
                "is_refusal": True,
            }
            if not self.env.registry.ready:
                _logger.warning("Refused while modules are loading: %s", message)
                return
            with self._refusal_cursor() as cr:
                self._insert_entries(cr, [row])
        except Exception:
            # Pool exhausted, table locked, transaction already aborted, read-only replica...
            _logger.exception("Refusal not registered: %s, user %s", message, self.env.uid)

    @api.model
    def _get_overview_data(self, code):
        """Numbers for the tiles of the overview."""
        company = self.env.company
        today = company._o2c_today()
        if code == "register_today":
            return {"count": self.search_count([("date", ">=", company._o2c_midnight(today))])}
        since = company._o2c_midnight(today - timedelta(days=7))
        count = self.search_count([("is_refusal", "=", True), ("date", ">=", since)])
        return {"count": count, "tone": "warning" if count else "muted"}

    # === HELPERS === #

    @contextmanager
    def _refusal_cursor(self):
        """A cursor whose work is committed whatever becomes of the current transaction."""
        # The cursor commits when its block ends well, and closes in any case.
        with self.env.registry.cursor() as cr:
            if odoo_module.current_test and isinstance(cr, Cursor):
                # A unit test that has not replaced the registry's cursors: a commit would outlive it.
                with self.env.cr.savepoint(flush=False):
                    yield self.env.cr
                return
            cr.execute(SQL("SELECT set_config('lock_timeout', %s, true)", REFUSAL_LOCK_TIMEOUT))
            yield cr

    @api.model
    def _insert_entries(self, cr, rows):
        # Not the ORM: one statement for any number of entries, and no UPDATE may ever follow.
        columns = list(rows[0])
        cr.execute(SQL(
            "INSERT INTO o2c_register (%s) VALUES %s RETURNING id",
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(SQL("%s", tuple(row[name] for name in columns)) for row in rows),
        ))
        return [entry_id for [entry_id] in cr.fetchall()]

    @api.model
    def _prepare_entry(self, *, record, event, message, partner=None, amount=None, currency=None,
                       evidence=None, policy=None, company=None):
        """Column values of one entry."""
        if event not in self._fields["event"].get_values(self.env):
            raise ValueError(f"Unknown register event {event!r}")
        record = record.sudo()
        partner = self._get_related(record, "partner_id", partner)
        company = self._get_related(record, "company_id", company)
        if amount is not None and currency is None:
            currency = self._get_related(record, "currency_id", None) or company.currency_id
        user = self.env.user
        return {
            "date": fields.Datetime.now(),
            "event": event,
            "is_refusal": False,
            "message": str(message),
            "user_ref": user.id,
            "user_name": user.sudo().name,
            "company_ref": company.id or None,
            "company_name": company.name or None,
            "res_model": record._name,
            "res_id": (record.id or None) if len(record) == 1 else None,
            "document_name": record[:1].display_name or record._description,
            "partner_ref": partner.id or None,
            "partner_name": partner.display_name or None,
            "amount": _format_amount(amount, currency),
            "currency_code": currency.name if amount is not None and currency else None,
            "evidence": json.dumps(evidence, default=_jsonable, ensure_ascii=False) if evidence else None,
            **self._prepare_policy_vals(policy),
        }

    @api.model
    def _prepare_policy_vals(self, policy):
        policy = policy.sudo() if policy else None
        return {
            "policy_model": policy._name if policy else None,
            "policy_ref": policy.id if policy else None,
            "policy_name": policy.display_name if policy else None,
            "policy_version": policy.version if policy and "version" in policy._fields else None,
        }

    @api.model
    def _get_related(self, record, field_name, given):
        """What the caller gave, else what the document is or refers to."""
        if given is not None:
            return given.sudo()
        comodel = RELATED[field_name]
        if record._name == comodel:
            return record[:1]
        field = record._fields.get(field_name)
        if field is not None and field.type == "many2one" and field.comodel_name == comodel:
            return record[:1][field_name]
        return self.env[comodel]


def _format_amount(amount, currency):
    """Fixed-point text with the currency's decimals, so that the stored number is exact."""
    if amount is None:
        return None
    return f"{amount:.{currency.decimal_places if currency else 2}f}"


def _jsonable(value):
    """Write what JSON does not know: dates as ISO text, records as ids, the rest as text."""
    if isinstance(value, models.BaseModel):
        return value.ids
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    return str(value)
