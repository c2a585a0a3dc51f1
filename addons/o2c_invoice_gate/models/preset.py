from odoo import api, models
from odoo.addons.o2c_base.models.preset import Item, Section

from .invoice_policy import CONTENT

PLAIN = ("name", "sequence", *CONTENT)


class Preset(models.AbstractModel):
    """Invoice policies in presets: a list of ``{name, sequence, threshold, ...}``.

    They become drafts or new versions; what judges is never edited. The scope of a policy is not part of
    presets: tags and teams are a company's own.
    """

    _inherit = "o2c.preset"

    @api.model
    def _preset_sections(self):
        return [*super()._preset_sections(), Section("invoice_policies", self.env._("Invoice policies"))]

    @api.model
    def _preset_export_invoice_policies(self, company):
        policies = self.env["o2c.invoice.policy"].search(
            [("company_id", "=", company.id), ("state", "=", "in_force")])
        return [self._dump_invoice_policy(policy) for policy in policies]

    @api.model
    def _dump_invoice_policy(self, policy):
        """One policy as plain content. Hook: a scope that other companies understand, too."""
        return {name: self._read_invoice_policy(policy, name) for name in PLAIN}

    @api.model
    def _read_invoice_policy(self, policy, key):
        """Value of a policy in the form of a preset."""
        return policy[key]

    @api.model
    def _prepare_invoice_policy_vals(self, wanted):
        """Values of a policy from the content of a preset."""
        return wanted

    @api.model
    def _preset_plan_invoice_policies(self, company, content):
        items = [self._plan_invoice_policy(company, wanted) for wanted in content]
        names = [wanted["name"] for wanted in content]
        for policy in self.env["o2c.invoice.policy"].search([
            ("company_id", "=", company.id), ("state", "in", ("draft", "in_force")), ("name", "not in", names)
        ]):
            text = self._describe_invoice_policy({name: policy[name] for name in CONTENT})
            items.append(Item(str(policy.id), policy.display_name, text, text, "kept"))
        return items

    def _plan_invoice_policy(self, company, wanted):
        name = wanted["name"]
        problems = self._get_invoice_policy_problems(wanted)
        if problems:
            return Item(name, name, "", "", "error", "\n".join(problems))
        policy = self._find_invoice_policy(company, name)
        then = self._describe_invoice_policy(wanted)
        if not policy:
            return Item(name, name, self.env._("No policy"), then, "new", self.env._("Becomes a draft."))
        differing = [key for key, value in wanted.items() if self._read_invoice_policy(policy, key) != value]
        if not differing:
            return Item(name, name, then, then, "same")
        now = self._describe_invoice_policy(
            {key: self._read_invoice_policy(policy, key) for key in differing})
        note = self.env._("The draft is changed.") if policy.state == "draft" else self.env._(
            "Becomes a new version, a draft; %s stays in force until then.", policy.display_name)
        then = self._describe_invoice_policy({key: wanted[key] for key in differing})
        return Item(name, name, now, then, "changed", note)

    def _get_invoice_policy_problems(self, wanted):
        """Sentences about what can't be loaded, each with its place."""
        model, problems = self.env["o2c.invoice.policy"], []
        for key, value in wanted.items():
            place = f"invoice_policies > {wanted['name']} > {key}"
            field = model._fields.get(key) if key in PLAIN else None
            if field is None:
                problems.append(self.env._("%s: there is no such field. Remove it.", place))
            elif field.type == "selection" and value not in dict(field._description_selection(self.env)):
                problems.append(self.env._(
                    "%(place)s: %(value)s is none of %(allowed)s.", place=place, value=value,
                    allowed=", ".join(dict(field._description_selection(self.env)))))
            elif field.type in ("integer", "float") and not isinstance(value, int | float):
                problems.append(self.env._("%(place)s: %(value)s is no number.", place=place, value=value))
        return problems

    def _describe_invoice_policy(self, values):
        """Values under the labels of the screen, one per line."""
        fields = self.env["o2c.invoice.policy"]._fields
        lines = []
        for key, value in values.items():
            if key == "name":
                continue
            choices = dict(fields[key]._description_selection(self.env)) if (
                fields[key].type == "selection") else {}
            lines.append(f"{fields[key]._description_string(self.env)}: {choices.get(value, value)}")
        return "\n".join(lines)

    def _find_invoice_policy(self, company, name):
        """The draft of that name, or what is in force."""
        policies = self.env["o2c.invoice.policy"].search([
            ("company_id", "=", company.id), ("name", "=", name), ("state", "in", ("draft", "in_force"))],
            order="version desc, id desc")
        return policies.filtered(lambda policy: policy.state == "draft")[:1] or policies[:1]

    @api.model
    def _preset_load_invoice_policies(self, company, content, keys):
        for wanted in content:
            if wanted["name"] not in keys:
                continue
            policy = self._find_invoice_policy(company, wanted["name"])
            if not policy:
                vals = self._prepare_invoice_policy_vals(wanted)
                self.env["o2c.invoice.policy"].create({**vals, "company_id": company.id})
                continue
            if policy.state == "in_force":
                policy = policy.browse(policy.action_new_version()["res_id"])
            policy.write(self._prepare_invoice_policy_vals(wanted))
