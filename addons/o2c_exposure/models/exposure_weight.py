from odoo import api, fields, models
from odoo.tools import ormcache


class O2cExposureWeight(models.Model):
    """How much of a component counts in a company, where it is not all of it."""

    _name = "o2c.exposure.weight"
    _description = "Weight of an exposure component"
    _inherit = ["mail.thread"]
    _order = "company_id, component"
    _rec_name = "component"
    _check_company_auto = True

    # -------------------------------------------------------------------------
    # Fields and constraints
    # -------------------------------------------------------------------------

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company.o2c_exposure_company_id,
        domain="[('o2c_exposure_company_id', '=', id)]",
        tracking=True,
    )
    component = fields.Selection(
        selection=lambda self: [(c.code, c.label) for c in self.env["o2c.exposure"]._components()],
        required=True,
        tracking=True,
    )
    weight = fields.Float(
        required=True,
        default=1.0,
        digits=(5, 4),
        tracking=True,
        aggregator=None,
        help="Share of the component that counts in the exposure, from 0 % to 100 %.",
    )

    _company_component_unique = models.Constraint(
        "UNIQUE(company_id, component)",
        "There is already a weight for this component in this company.",
    )
    _weight_range = models.Constraint(
        "CHECK(weight >= 0 AND weight <= 1)",
        "A weight lies between 0 % and 100 %.",
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("component")
    def _compute_display_name(self):
        for weight in self:
            weight.display_name = self._fields["component"].convert_to_export(weight.component, weight)

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        weights = super().create(vals_list)
        weights._after_change()
        return weights

    def write(self, vals):
        result = super().write(vals)
        self._after_change()
        return result

    def unlink(self):
        self._register_change(removed=True)
        self.env.registry.clear_cache()
        return super().unlink()

    # -------------------------------------------------------------------------
    # Business methods
    # -------------------------------------------------------------------------

    @api.model
    @ormcache()
    def _get_all(self):
        """All weights as ``{(company_id, component): weight}``; no query once cached."""
        return {(w.company_id.id, w.component): w.weight for w in self.sudo().search([])}

    def _after_change(self):
        self.env.registry.clear_cache()
        self._register_change()

    def _register_change(self, removed=False):
        """Write every change of a weight into the register: it moves all customers' exposure."""
        for weight in self:
            message = self.env._(
                "Weight of exposure component %(component)s removed", component=weight.component,
            ) if removed else self.env._(
                "Weight of exposure component %(component)s is %(weight)s %%",
                component=weight.component, weight=f"{weight.weight * 100:g}",
            )
            self.env["o2c.register"]._log(
                weight, "policy_edited", message, company=weight.company_id,
                evidence={"component": weight.component, "weight": None if removed else weight.weight},
            )
