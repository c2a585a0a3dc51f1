from odoo import api, models

from ..rules.fingerprint import list_changes


class LoggedMixin(models.AbstractModel):
    """A table of rules whose every change goes to the register with the values before and after."""

    _name = "o2c.logged.mixin"
    _description = "Table whose Changes are Registered"

    _logged_event = None
    _logged_fields = ()

    # --- CRUD -------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._log_rows(self.env._("Added: %s"), before={}, after=records._logged_values())
        return records

    def write(self, vals):
        before = self._logged_values()
        result = super().write(vals)
        after = self._logged_values()
        changed = self.filtered(lambda record: before[record.id] != after[record.id])
        changed._log_rows(self.env._("Changed: %s"), before=before, after=after)
        return result

    def unlink(self):
        self._log_rows(self.env._("Removed: %s"), before=self._logged_values(), after={})
        return super().unlink()

    # --- business ---------------------------------------------------------------------------------------

    def _logged_values(self):
        """{id: {field: plain value}}; many2one and many2many as names, which an auditor can read later."""
        return {
            record.id: {name: self._logged_value(record[name]) for name in self._logged_fields}
            for record in self.sudo()
        }

    @staticmethod
    def _logged_value(value):
        if isinstance(value, models.BaseModel):
            return ", ".join(value.mapped("display_name"))
        return value

    def _log_rows(self, message, *, before, after):
        """One register entry per record, all in one INSERT."""
        self.env["o2c.register"]._log_many(
            [
                {
                    "record": record,
                    "event": self._logged_event,
                    "message": message % record.display_name,
                    "company": record.company_id if "company_id" in record._fields else None,
                    "evidence": {
                        "before": before.get(record.id),
                        "after": after.get(record.id),
                        "changed": [
                            name
                            for name, _old, _new in list_changes(
                                before.get(record.id) or {}, after.get(record.id) or {}
                            )
                        ],
                    },
                }
                for record in self
            ]
        )
