"""Lines of dated policies share the fate of their policy."""

from odoo import api, models


class PolicyLineMixin(models.AbstractModel):
    """Rows of a policy (buckets, grades, rates).

    They can be reached without their policy, so they ask it themselves whether it may still
    be edited. The concrete model names its many2one in ``_policy_field``.
    """

    _name = "o2c.policy.line.mixin"
    _description = "Line of a Dated Policy"

    _policy_field = "policy_id"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_policy_editable()
        for line, vals in zip(lines, vals_list, strict=True):
            line._log_policy_edit(self.env._("line added"), vals)
        return lines

    def write(self, vals):
        self.check_access("write")
        self._check_policy_editable()
        result = super().write(vals)
        # Once more, for the policy to which a line may have been moved.
        self._check_policy_editable()
        self._log_policy_edit(self.env._("line changed"), vals)
        return result

    def unlink(self):
        self.check_access("unlink")
        self._check_policy_editable()
        self._log_policy_edit(self.env._("line deleted"), {"ids": self.ids})
        return super().unlink()

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        # Reached from the public update_field_translations(), and writes without write(): texts of a
        # policy that has judged stay what people read then.
        self._check_policy_editable()
        return super()._update_field_translations(
            field_name, translations, digest=digest, source_lang=source_lang)

    # === HELPERS === #

    def _check_policy_editable(self):
        """Refuse while a policy is locked.

        :raise UserError: that asks for a new version
        """
        self.sudo().mapped(self._policy_field)._check_editable()

    def _log_policy_edit(self, what, vals):
        """Register edits of policies that are in force but have judged nothing yet."""
        for policy in self.mapped(self._policy_field).filtered(lambda p: p.state == "in_force"):
            self.env["o2c.register"]._log(
                policy, "policy_edited", policy=policy, evidence={"model": self._name, "values": vals},
                message=self.env._("%(policy)s was edited before its first use: %(what)s",
                                   policy=policy.display_name, what=what),
            )
