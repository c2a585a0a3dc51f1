from odoo import api, models
from odoo.exceptions import ValidationError


class CreditPolicy(models.Model):
    """One credit policy as data that can be kept in a file; presets hold several beside other settings."""

    _inherit = "o2c.credit.policy"

    def _export_policy(self):
        """The policy as JSON-able data, which :meth:`_import_policy` reads; see readme/CONFIGURE.md."""
        self.ensure_one()
        self.check_access("read")
        return self.env["o2c.preset"]._dump_policy(self)

    @api.model
    def _import_policy(self, data, company):
        """Load a policy as a draft of ``company``, whatever else is there.

        :raise AccessError: for who is no policy administrator
        :raise ValidationError: that lists every problem, with its place and what to do
        """
        self._check_policy_right()
        presets = self.env["o2c.preset"]
        name = data.get("name") if isinstance(data, dict) else None
        problems = list(presets._get_policy_problems(self, data, name or self._description))
        if problems:
            raise ValidationError(
                self.env._("The policy can't be loaded:\n%s", "\n".join(f"• {text}" for text in problems))
            )
        return presets._create_policy(company, data)
