from odoo import api, fields, models, tools

from ..rules.judgement import Setting

CHECKPOINTS = ("order", "delivery", "invoice")


class Control(models.Model):
    """One control: a rule that can stop a document at a checkpoint."""

    _name = "o2c.control"
    _description = "Control"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="The code by which the control signs its verdicts.",
    )
    sequence = fields.Integer(default=10)
    description = fields.Text(
        translate=True,
        help="What the control looks at, and when it finds something.",
    )
    advice = fields.Char(
        translate=True,
        help="What to do about it. It closes every message of this control.",
    )
    reference = fields.Char(help="Number of the control in the company's internal control manual, like K3.")
    at_order = fields.Boolean(string="Orders", help="It judges when an order is confirmed or changed.")
    at_delivery = fields.Boolean(string="Deliveries", help="It judges when goods leave for a customer.")
    at_invoice = fields.Boolean(string="Invoices", help="It judges when a customer invoice is posted.")
    default_severity = fields.Selection(
        selection="_get_severity_selection",
        required=True,
        default="hold",
        help="Severity of the control in a company that has not chosen another one.",
    )
    setting_ids = fields.One2many("o2c.control.setting", "control_id", string="Companies")

    _code_unique = models.Constraint("UNIQUE (code)", "There is a control with this code already.")

    @api.model
    def _get_severity_selection(self):
        return [
            ("pass", self.env._("Pass")),
            ("warn", self.env._("Warn")),
            ("hold", self.env._("Hold: can be released")),
            ("forbid", self.env._("Forbid: nobody can release it")),
        ]

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        controls = super().create(vals_list)
        self.env.registry.clear_cache()
        self.env["o2c.control.setting"].sudo()._create_missing()
        return controls

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # === LOOK-UP === #

    @api.model
    @tools.ormcache()
    def _get_settings(self):
        """``({code: {checkpoints, control id, severity}}, {(code, company id): (mode, severity)})``."""
        controls = {
            control.code: (
                control.id,
                control.default_severity,
                frozenset(point for point in CHECKPOINTS if control[f"at_{point}"]),
            )
            for control in self.sudo().search([])
        }
        settings = {
            (setting.control_id.code, setting.company_id.id): (setting.mode, setting.severity)
            for setting in self.env["o2c.control.setting"].sudo().search([])
        }
        return controls, settings

    @api.model
    @tools.ormcache("code", "company.id")
    def _get_setting(self, code, company):
        """How ``company`` uses the control ``code``; branches follow their main company.

        :raise ValueError: when no control has the code
        """
        controls, settings = self._get_settings()
        if code not in controls:
            raise ValueError(f"No control has the code {code!r}: a verdict needs an o2c.control record.")
        control_id, severity, _points = controls[code]
        # A company that was created a moment ago observes, like every company after installation.
        mode, severity = settings.get((code, company.sudo().root_id.id), ("observing", severity))
        return Setting(control_id, mode, severity)

    @api.model
    @tools.ormcache("checkpoint", "company.id")
    def _is_checkpoint_active(self, checkpoint, company):
        """Whether any control of ``checkpoint`` observes or enforces in ``company``."""
        controls, _settings = self._get_settings()
        return any(
            checkpoint in points and self._get_setting(code, company).mode != "off"
            for code, (_id, _severity, points) in controls.items()
        )

    @api.model
    @tools.ormcache("checkpoint", "company.id")
    def _is_checkpoint_enforced(self, checkpoint, company):
        """Whether any control of ``checkpoint`` stops documents in ``company``."""
        controls, _settings = self._get_settings()
        return any(
            checkpoint in points and self._get_setting(code, company).mode == "enforcing"
            for code, (_id, _severity, points) in controls.items()
        )
