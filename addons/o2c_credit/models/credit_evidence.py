import hashlib

from odoo import api, models

NOT_EVIDENCE = frozenset(models.MAGIC_COLUMNS) | {
    "id",
    "display_name",
    "file_id",
    "message_main_attachment_id",
}
CHECKSUM_LENGTH = 16


class CreditEvidenceMixin(models.AbstractModel):
    """Records on which a grade rests: every edit is registered with old and new values.

    Grades and limits are decided on what stands in the file, so it must be possible to say
    later what stood there on any day, and who wrote it. The mixin also keeps evidence with
    its customer: fields of ``_pinned_fields`` are given at creation and never change.
    """

    _name = "o2c.credit.evidence.mixin"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Evidence of credit"

    _guarded_create_allowed = True
    _guarded_unlink_allowed = True
    _pinned_fields: tuple[str, ...] = ("file_id",)
    _evidence_event = "file_edited"
    _evidence_created_event = "file_edited"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env["o2c.register"]._log_many(
            [
                {
                    **record._prepare_evidence_entry(record._format_created(), record._get_evidence_values()),
                    "event": self._evidence_created_event,
                }
                for record in records
            ]
        )
        return records

    def write(self, vals):
        names = self._get_evidence_fields() & set(vals)
        before = {record.id: record._get_evidence_values(names) for record in self}
        result = super().write(vals)
        self._log_evidence_changes(names, before)
        return result

    def unlink(self):
        # Before, while the document can still be named; a refusal takes the entries back.
        self.env["o2c.register"]._log_many(
            [
                record._prepare_evidence_entry(record._format_removed(), record._get_evidence_values())
                for record in self
            ]
        )
        return super().unlink()

    # === CHECKS === #

    def _guard_check_write(self, vals):
        pinned = {
            name for name in self._pinned_fields if name in vals and not self._is_same(name, vals[name])
        }
        if pinned:
            self._guard_refuse("write", pinned)
        super()._guard_check_write(vals)

    def _is_same(self, name, value):
        return all(record[name].id == (value or False) for record in self)

    # === REGISTER === #

    @api.model
    def _get_evidence_fields(self):
        """Names of the fields that somebody fills in."""
        return {
            name
            for name, field in self._fields.items()
            if field.store
            and field.type not in ("one2many", "many2many")
            and not field.related
            and name not in NOT_EVIDENCE
            and not name.startswith(("message_", "activity_"))
            and not self._guard_covers(name)
            and not (field.compute and field.readonly)
        }

    def _get_evidence_values(self, names=None):
        """JSON-able values by field name, empty ones left out when no names are given."""
        self.ensure_one()
        record = self.sudo()
        values = {
            name: record._format_evidence_value(name)
            for name in sorted(self._get_evidence_fields() if names is None else names)
        }
        return {name: value for name, value in values.items() if value} if names is None else values

    def _format_evidence_value(self, name):
        value = self[name]
        if isinstance(value, models.BaseModel):
            return value.display_name or False
        if isinstance(value, bytes):
            # Attached files: what matters later is whether it is still the same one.
            return f"sha256:{hashlib.sha256(value).hexdigest()[:CHECKSUM_LENGTH]}"
        return value

    def _log_evidence_changes(self, names, before):
        entries = []
        for record in self:
            after = record._get_evidence_values(names)
            changes = {
                name: {"from": before[record.id][name], "to": after[name]}
                for name in sorted(names)
                if before[record.id][name] != after[name]
            }
            if changes:
                entries.append(record._prepare_evidence_entry(record._format_changed(changes), changes))
        self.env["o2c.register"]._log_many(entries)

    def _prepare_evidence_entry(self, message, evidence):
        """Arguments of a register entry; the entry stands at the file, where people look for it."""
        file = self._get_evidence_file().sudo()
        return {
            "record": file,
            "event": self._evidence_event,
            "message": message,
            "partner": file.partner_id,
            "company": file.company_id,
            "evidence": evidence,
        }

    def _format_created(self):
        return self.env._("%(document)s, added: %(what)s", **self._get_evidence_names())

    def _format_removed(self):
        return self.env._("%(document)s, removed: %(what)s", **self._get_evidence_names())

    def _format_changed(self, changes):
        labels = ", ".join(self._fields[name]._description_string(self.env) for name in changes)
        return self.env._(
            "%(document)s, %(what)s changed: %(fields)s", **self._get_evidence_names(), fields=labels
        )

    def _get_evidence_names(self):
        return {
            "document": self._get_evidence_file().sudo().display_name,
            "what": f"{self._description} {self.display_name or ''}".strip(),
        }

    # === HOOKS === #

    def _get_evidence_file(self):
        """The document to which the evidence belongs."""
        return self.file_id

    def _guard_get_hint(self):
        return self.env._("Evidence stays with its customer.")
