from odoo import api, models
from odoo.addons.o2c_base.models.preset import Item, Section


class Preset(models.AbstractModel):
    """Weights of the exposure's components in presets: ``{component: weight}``, 1 for all of it."""

    _inherit = "o2c.preset"

    @api.model
    def _preset_sections(self):
        return [
            *super()._preset_sections(),
            Section("exposure_weights", self.env._("Weights of the exposure")),
        ]

    @api.model
    def _get_preset_weights(self, company):
        """``{component: weight}`` as they count in the company, defaults included."""
        own = self.env["o2c.exposure.weight"]._get_all()
        owner = company.o2c_exposure_company_id.id
        return {
            component.code: own.get((owner, component.code), component.weight)
            for component in self.env["o2c.exposure"]._components()
        }

    @api.model
    def _preset_export_exposure_weights(self, company):
        return self._get_preset_weights(company)

    @api.model
    def _preset_plan_exposure_weights(self, company, content):
        labels = {c.code: c.label for c in self.env["o2c.exposure"]._components()}
        now = self._get_preset_weights(company)
        items = [self._plan_weight(code, labels, now, weight) for code, weight in content.items()]
        items += [
            Item(code, labels[code], f"{now[code]:.0%}", f"{now[code]:.0%}", "kept")
            for code in labels if code not in content
        ]
        return items

    def _plan_weight(self, code, labels, now, weight):
        if code not in labels:
            return Item(code, code, "", "", "kept", self.env._(
                "No installed module has this component: it is left out."))
        if not 0 <= float(weight) <= 1:
            return Item(code, labels[code], f"{now[code]:.0%}", "", "error", self.env._(
                "exposure_weights > %(code)s: %(weight)s is no share between 0 and 1.",
                code=code, weight=weight))
        state = "same" if abs(now[code] - weight) < 0.00005 else "changed"
        return Item(code, labels[code], f"{now[code]:.0%}", f"{weight:.0%}", state)

    @api.model
    def _preset_load_exposure_weights(self, company, content, keys):
        owner = company.o2c_exposure_company_id
        weights = self.env["o2c.exposure.weight"]
        for code in keys:
            found = weights.search([("company_id", "=", owner.id), ("component", "=", code)])
            if found:
                found.weight = content[code]
            else:
                weights.create({"company_id": owner.id, "component": code, "weight": content[code]})
