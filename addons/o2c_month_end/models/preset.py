from odoo import api, models
from odoo.addons.o2c_base.models.preset import Item, Section

# key in the file: field of the company. Accounts differ from chart to chart and are no part of a preset.
FIELDS = {
    "active": "o2c_accrual_active",
    "tax": "o2c_accrual_tax",
    "right": "o2c_accrual_right",
    "services": "o2c_accrual_service",
    "tolerance": "o2c_check_tolerance",
    "quantities_first": "o2c_check_required",
}


class Preset(models.AbstractModel):
    """The month end in presets: ``{active, tax, right, services, tolerance, quantities_first}``."""

    _inherit = "o2c.preset"

    @api.model
    def _preset_sections(self):
        return [*super()._preset_sections(), Section("month_end", self.env._("Month end"))]

    @api.model
    def _preset_export_month_end(self, company):
        return {key: company.sudo()[name] for key, name in FIELDS.items()}

    @api.model
    def _preset_plan_month_end(self, company, content):
        now = self._preset_export_month_end(company)
        items = [self._plan_month_end(key, now, value) for key, value in content.items()]
        items += [
            Item(key, self._get_month_end_label(key), text, text, "kept")
            for key in FIELDS if key not in content
            for text in [self._describe_month_end(key, now[key])]
        ]
        return items

    def _plan_month_end(self, key, now, value):
        if key not in FIELDS:
            return Item(key, key, "", "", "kept", self.env._("The month end has no such setting."))
        label, before = self._get_month_end_label(key), self._describe_month_end(key, now[key])
        if not self._is_month_end_value(key, value):
            return Item(key, label, before, "", "error", self.env._(
                "month_end > %(key)s: %(value)s is no value of this setting. Export a preset and compare.",
                key=key, value=value))
        then = self._describe_month_end(key, value)
        return Item(key, label, before, then, "same" if before == then else "changed")

    def _is_month_end_value(self, key, value):
        field = self.env["res.company"]._fields[FIELDS[key]]
        if field.type == "selection":
            return value in dict(field._description_selection(self.env))
        if field.type == "boolean":
            return isinstance(value, bool)
        return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 100

    def _get_month_end_label(self, key):
        return self.env["res.company"]._fields[FIELDS[key]]._description_string(self.env)

    def _describe_month_end(self, key, value):
        field = self.env["res.company"]._fields[FIELDS[key]]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        return f"{value:g} %"

    @api.model
    def _preset_load_month_end(self, company, content, keys):
        self._check_administrator(company)
        company.sudo().write({FIELDS[key]: content[key] for key in keys if key in FIELDS})
