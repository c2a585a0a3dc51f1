from odoo import api, fields, models
from odoo.fields import Domain


class ControlSetting(models.Model):
    """How one company uses one control. Branches follow their main company."""

    _name = "o2c.control.setting"
    _description = "Control of a company"
    _order = "company_id, sequence, control_id"
    _rec_name = "control_id"

    control_id = fields.Many2one(
        "o2c.control",
        required=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    mode = fields.Selection(
        [
            ("off", "Off"),
            ("observing", "Observing"),
            ("enforcing", "Enforcing"),
        ],
        required=True,
        default="observing",
        help="Off: the control does not look. Observing: it writes down what it would have stopped, and "
        "stops nothing. Enforcing: it stops documents.",
    )
    severity = fields.Selection(
        selection=lambda self: self.env["o2c.control"]._get_severity_selection(),
        required=True,
        default="hold",
        help="What follows when the control finds something: nothing, a warning, a hold that "
        "somebody with authority can release, or a refusal that nobody can release.",
    )
    sequence = fields.Integer(related="control_id.sequence", store=True)
    code = fields.Char(related="control_id.code")
    reference = fields.Char(related="control_id.reference")
    description = fields.Text(related="control_id.description")
    at_order = fields.Boolean(related="control_id.at_order")
    at_delivery = fields.Boolean(related="control_id.at_delivery")
    at_invoice = fields.Boolean(related="control_id.at_invoice")

    _control_company_unique = models.Constraint(
        "UNIQUE (control_id, company_id)", "A company has each control once."
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        before = {setting.id: (setting.mode, setting.severity) for setting in self}
        result = super().write(vals)
        if {"mode", "severity"} & vals.keys():
            self.env.registry.clear_cache()
            self._log_changes(before)
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # === ACTIONS === #

    def action_enforce(self):
        """Switch to enforcing (list header)."""
        self.check_access("write")
        self.write({"mode": "enforcing"})

    def action_observe(self):
        """Switch to observing (list header)."""
        self.check_access("write")
        self.write({"mode": "observing"})

    def action_open_control(self):
        """Open name, description and advice of the control for editing."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_hold.o2c_control_action")
        return {**action, "res_id": self.control_id.id}

    # === BUSINESS METHODS === #

    @api.model
    def _create_missing(self):
        """Give every main company every control, observing."""
        controls = self.env["o2c.control"].sudo().search(Domain.TRUE)
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        known = {(setting.control_id, setting.company_id) for setting in self.sudo().search(Domain.TRUE)}
        return self.sudo().create(
            [
                {"control_id": control.id, "company_id": company.id, "severity": control.default_severity}
                for control in controls
                for company in companies
                if (control, company) not in known
            ]
        )

    def _log_changes(self, before):
        changed = self.filtered(lambda setting: before[setting.id] != (setting.mode, setting.severity))
        self.env["o2c.register"]._log_many(
            [setting._prepare_log_vals(before[setting.id]) for setting in changed]
        )

    def _prepare_log_vals(self, before):
        def label(field, value):
            return dict(self._fields[field]._description_selection(self.env))[value]

        mode, severity = before
        return {
            "record": self,
            "event": "control_changed",
            "message": self.env._(
                "Control %(control)s: %(mode_before)s, %(severity_before)s, became %(mode)s, %(severity)s.",
                control=self.control_id.display_name,
                mode_before=label("mode", mode),
                severity_before=label("severity", severity),
                mode=label("mode", self.mode),
                severity=label("severity", self.severity),
            ),
            "evidence": {
                "control": self.code,
                "before": {"mode": mode, "severity": severity},
                "after": {"mode": self.mode, "severity": self.severity},
            },
            "company": self.company_id,
        }
