from odoo import api, models
from odoo.addons.o2c_base.models.wording import join_names
from odoo.exceptions import UserError
from odoo.fields import Command

GRADES = "grades"


class Preset(models.AbstractModel):
    """Grades of an invoice policy travel by name: the catalogue of grades is in presets, too."""

    _inherit = "o2c.preset"

    @api.model
    def _dump_invoice_policy(self, policy):
        content = super()._dump_invoice_policy(policy)
        return {**content, GRADES: self._read_invoice_policy(policy, GRADES)} if policy.grade_ids else content

    @api.model
    def _read_invoice_policy(self, policy, key):
        return policy.grade_ids.mapped("name") if key == GRADES else super()._read_invoice_policy(policy, key)

    @api.model
    def _prepare_invoice_policy_vals(self, wanted):
        """Grades by name.

        :raise UserError: naming those that there are not; a policy without them would be for everybody
        """
        vals = super()._prepare_invoice_policy_vals({k: v for k, v in wanted.items() if k != GRADES})
        if GRADES not in wanted:
            return vals
        grades = self.env["o2c.credit.grade"].search([("name", "in", wanted[GRADES])])
        missing = sorted(set(wanted[GRADES]) - set(grades.mapped("name")))
        if missing:
            raise UserError(self.env._(
                "%(policy)s is for grades that do not exist here: %(grades)s. Load or create them first.",
                policy=wanted["name"], grades=join_names(self.env, missing)))
        return {**vals, "grade_ids": [Command.set(grades.ids)]}

    def _get_invoice_policy_problems(self, wanted):
        problems = super()._get_invoice_policy_problems({k: v for k, v in wanted.items() if k != GRADES})
        names = wanted.get(GRADES, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            problems.append(self.env._(
                "invoice_policies > %s > grades: this is no list of names.", wanted["name"]))
        return problems

    def _describe_invoice_policy(self, values):
        text = super()._describe_invoice_policy({k: v for k, v in values.items() if k != GRADES})
        if GRADES not in values:
            return text
        label = self.env["o2c.invoice.policy"]._fields["grade_ids"]._description_string(self.env)
        return "\n".join(filter(None, [text, f"{label}: {join_names(self.env, values[GRADES])}"]))
