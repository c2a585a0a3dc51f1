"""Seals of the register: a chain of hashes in a second append-only table."""

from dataclasses import dataclass, field

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..rules.seal import CURRENT_FORMAT, FORMATS, GENESIS, canonical_text, seal_hash

BATCH = 10_000
MAX_FINDINGS = 100
# Any number that nothing else uses: one sealer at a time in the whole database.
SEAL_LOCK = 0x02C5EA1


@dataclass
class Verification:
    """What a look at the whole chain found."""

    checked: int = 0
    unsealed: int = 0
    last_sequence: int = 0
    last_hash: str = GENESIS
    finding_count: int = 0
    findings: list[dict] = field(default_factory=list)

    def add(self, kind: str, **details):
        """Count a finding; the first ones are kept in full."""
        self.finding_count += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append({"kind": kind, **details})


class RegisterSeal(models.Model):
    """Entries are sealed in the order in which the cron finds them, not of their numbers.

    Thus nobody who writes an entry has to wait for the one before, and an entry whose
    transaction commits late is sealed late.
    """

    _name = "o2c.register.seal"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Seal of the Register"
    _order = "sequence desc"
    _rec_name = "sequence"
    _log_access = False
    _guarded_fields = "*"

    sequence = fields.Integer(readonly=True, aggregator=None)
    entry_ref = fields.Integer(string="Entry", readonly=True, aggregator=None)
    date = fields.Datetime(string="Sealed on", readonly=True)
    format_number = fields.Integer(string="Format", readonly=True, aggregator=None)
    hash = fields.Char(string="Seal", readonly=True)

    _sequence_uniq = models.UniqueIndex("(sequence)", "Two seals with one number.")
    _entry_uniq = models.UniqueIndex("(entry_ref)", "An entry is sealed once.")

    def init(self):
        super().init()
        self.env["o2c.register"]._protect_table(self._table)

    # === ACTIONS === #

    def action_verify(self):
        """Verify the whole register, whatever is selected, and show the result."""
        return self.env["o2c.register.verify"].create({}).action_verify()

    # === BUSINESS METHODS === #

    @api.model
    def _cron_seal(self):
        """Seal what has not been sealed yet, a committed batch at a time."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self._count_unsealed())
        while count := self._seal_batch():
            if not cron._commit_progress(count):
                break

    @api.model
    def _seal_batch(self, limit=BATCH):
        """Seal up to ``limit`` entries. Never commits.

        :return: number of entries sealed; 0 also while another worker is sealing
        """
        [[locked]] = self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(%s)", SEAL_LOCK))
        if not locked:
            return 0
        sequence, previous = self._get_last_seal()
        seals = []
        for entry in self._fetch_unsealed(limit):
            sequence += 1
            previous = seal_hash(previous, sequence, canonical_text(entry))
            seals.append((sequence, entry["id"], previous))
        if seals:
            self._insert_seals(seals)
        return len(seals)

    @api.model
    def _verify(self, anchor=None):
        """Follow the chain from its beginning.

        :param anchor: ``(sequence, hash)`` noted at an earlier time, to see that the chain
            since then is still the same and its end was not cut off
        :return: Verification
        """
        result = Verification(unsealed=self._count_unsealed())
        for row in self._iter_chain():
            self._verify_seal(result, row)
            if anchor and anchor[0] == row["sequence"] and anchor[1] != row["hash"]:
                result.add("anchor_changed", sequence=row["sequence"], entry=row["entry_ref"])
        if anchor and anchor[0] > result.last_sequence:
            result.add("cut_off", sequence=anchor[0], entry=None)
        return result

    @api.model
    def _cron_verify(self):
        """Verify by itself from time to time, and tell the auditors if something is broken."""
        result = self._verify()
        self._log_verification(result)
        if result.findings:
            self._alert_auditors(result)

    @api.model
    def _get_overview_data(self, code):
        """How many entries wait for their seal, and what the last verification found."""
        last = self.env["o2c.register"].sudo().search([("event", "=", "register_verified")], limit=1)
        broken = bool(last and (last.evidence or {}).get("findings"))
        return {
            "count": self._count_unsealed(),
            "caption": last.message if last else self.env._("Never verified yet"),
            "tone": "danger" if broken else "muted",
        }

    # === HELPERS === #

    @api.model
    def _verify_seal(self, result, row):
        where = {"sequence": row["sequence"], "entry": row["entry_ref"]}
        if row["sequence"] != result.last_sequence + 1:
            result.add("gap", **where)
        if row["id"] is None:
            result.add("deleted", **where)
        elif row["format_number"] not in FORMATS:
            result.add("changed", **where)
        else:
            text = canonical_text(row, row["format_number"])
            if seal_hash(result.last_hash, row["sequence"], text) != row["hash"]:
                result.add("changed", **where)
        result.checked += 1
        # Go on from the stored seal: one changed entry is one finding, not all after it.
        result.last_sequence, result.last_hash = row["sequence"], row["hash"]

    @api.model
    def _iter_chain(self):
        sequence = 0
        while rows := self._fetch_dicts(SQL(
            "SELECT s.sequence, s.entry_ref, s.format_number, s.hash, %s"
            " FROM (SELECT * FROM o2c_register_seal WHERE sequence > %s ORDER BY sequence LIMIT %s) s"
            " LEFT JOIN o2c_register r ON r.id = s.entry_ref ORDER BY s.sequence",
            self._sql_entry(), sequence, BATCH,
        )):
            yield from rows
            sequence = rows[-1]["sequence"]

    @api.model
    def _fetch_unsealed(self, limit):
        return self._fetch_dicts(SQL(
            "SELECT %s FROM o2c_register r"
            " WHERE NOT EXISTS (SELECT FROM o2c_register_seal s WHERE s.entry_ref = r.id)"
            " ORDER BY r.id LIMIT %s",
            self._sql_entry(), limit,
        ))

    @api.model
    def _count_unsealed(self):
        [[count]] = self.env.execute_query(SQL(
            "SELECT count(*) FROM o2c_register r"
            " WHERE NOT EXISTS (SELECT FROM o2c_register_seal s WHERE s.entry_ref = r.id)"))
        return count

    @api.model
    def _sql_entry(self) -> SQL:
        """Columns of an entry ``r`` in the form that the canonical text wants."""
        as_text = {
            "date": SQL("to_char(r.date, 'YYYY-MM-DD HH24:MI:SS.US')"),
            "amount": SQL("r.amount::text"),
            "evidence": SQL("r.evidence::text"),
        }
        return SQL(", ").join(
            SQL("%s AS %s", as_text.get(name, SQL.identifier("r", name)), SQL.identifier(name))
            for name in FORMATS[CURRENT_FORMAT]
        )

    @api.model
    def _fetch_dicts(self, query):
        self.env.cr.execute(query)
        return self.env.cr.dictfetchall()

    @api.model
    def _get_last_seal(self):
        rows = self.env.execute_query(SQL(
            "SELECT sequence, hash FROM o2c_register_seal ORDER BY sequence DESC LIMIT 1"))
        return rows[0] if rows else (0, GENESIS)

    @api.model
    def _insert_seals(self, seals):
        sequences, entries, hashes = (list(column) for column in zip(*seals, strict=True))
        self.env.cr.execute(SQL(
            "INSERT INTO o2c_register_seal (sequence, entry_ref, hash, date, format_number)"
            " SELECT *, %s::timestamp, %s FROM unnest(%s::int[], %s::int[], %s::varchar[])",
            fields.Datetime.now(), CURRENT_FORMAT, sequences, entries, hashes,
        ))

    @api.model
    def _check_auditor(self):
        if not self.env.su and not self.env.user.has_group("o2c_base.group_auditor"):
            raise AccessError(self.env._("Only an auditor may do this."))

    @api.model
    def _describe_finding(self, finding):
        """One sentence about a finding of ``_verify``."""
        templates = {
            "changed": self.env._("Entry %(entry)s (seal %(sequence)s) was changed after it was sealed, "
                                  "or its seal was."),
            "deleted": self.env._("Entry %(entry)s (seal %(sequence)s) was deleted."),
            "gap": self.env._("Seals are missing before seal %(sequence)s (entry %(entry)s)."),
            "anchor_changed": self.env._("Seal %(sequence)s (entry %(entry)s) differs from the one noted "
                                         "earlier: the chain was written anew."),
            "cut_off": self.env._("The chain ends before seal %(sequence)s, which was noted earlier: "
                                  "its end was cut off."),
        }
        return templates[finding["kind"]] % finding

    @api.model
    def _log_verification(self, result):
        message = self.env._(
            "Register verified: %(checked)s entries, nothing wrong", checked=result.checked,
        ) if not result.findings else self.env._(
            "Register verified, findings: %(count)s. First: %(first)s",
            count=result.finding_count, first=self._describe_finding(result.findings[0]))
        self.env["o2c.register"]._log(self, "register_verified", message, evidence={
            "checked": result.checked,
            "unsealed": result.unsealed,
            "last_sequence": result.last_sequence,
            "last_hash": result.last_hash,
            "findings": result.findings,
        })
        return message

    @api.model
    def _alert_auditors(self, result):
        auditors = self.env.ref("o2c_base.group_auditor").sudo().all_user_ids
        self.env["mail.thread"].sudo().message_notify(
            partner_ids=auditors.partner_id.ids,
            subject=self.env._("The register of decisions is broken"),
            body=self._describe_finding(result.findings[0]),
        )
