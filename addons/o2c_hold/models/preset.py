from odoo import api, models
from odoo.addons.o2c_base.models.preset import Item, Section


class Preset(models.AbstractModel):
    """Modes and severities of the controls in presets: ``{code: {"mode", "severity"}}``."""

    _inherit = "o2c.preset"

    @api.model
    def _preset_sections(self):
        return [*super()._preset_sections(), Section("controls", self.env._("Controls"))]

    @api.model
    def _get_preset_settings(self, company):
        """Settings of the company's controls by code; branches follow their main company."""
        settings = self.env["o2c.control.setting"].search([("company_id", "=", company.root_id.id)])
        return {setting.code: setting for setting in settings}

    @api.model
    def _preset_export_controls(self, company):
        return {
            code: {"mode": setting.mode, "severity": setting.severity}
            for code, setting in sorted(self._get_preset_settings(company).items())
        }

    @api.model
    def _preset_plan_controls(self, company, content):
        settings = self._get_preset_settings(company)
        items = [self._plan_control(code, settings.get(code), wanted) for code, wanted in content.items()]
        for code in settings.keys() - content.keys():
            text = self._describe_control(settings[code].mode, settings[code].severity)
            items.append(Item(code, settings[code].control_id.name, text, text, "kept"))
        return items

    def _plan_control(self, code, setting, wanted):
        if not setting:
            return Item(code, code, "", "", "kept", self.env._(
                "No installed module has this control: it is left out."))
        name = setting.control_id.name
        now = self._describe_control(setting.mode, setting.severity)
        for field in ("mode", "severity"):
            allowed = dict(setting._fields[field]._description_selection(self.env))
            if wanted[field] not in allowed:
                return Item(code, name, now, "", "error", self.env._(
                    "controls > %(code)s > %(field)s: %(value)s is none of %(allowed)s.",
                    code=code, field=field, value=wanted[field], allowed=", ".join(allowed)))
        then = self._describe_control(wanted["mode"], wanted["severity"])
        if setting.mode == "enforcing" and wanted["mode"] == "observing":
            # A preset is for the beginning: it must not disarm a company that is further on.
            return Item(code, name, now, now, "kept", self.env._(
                "It enforces already; the preset would only observe."))
        return Item(code, name, now, then, "same" if now == then else "changed")

    def _describe_control(self, mode, severity):
        fields = self.env["o2c.control.setting"]._fields
        modes = dict(fields["mode"]._description_selection(self.env))
        severities = dict(fields["severity"]._description_selection(self.env))
        return f"{modes[mode]}, {severities[severity]}"

    @api.model
    def _preset_load_controls(self, company, content, keys):
        settings = self._get_preset_settings(company)
        for code in keys:
            settings[code].write({name: content[code][name] for name in ("mode", "severity")})
