from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    # -------------------------------------------------------------------------
    # Fields
    # -------------------------------------------------------------------------

    o2c_own_exposure = fields.Boolean(
        string="Own Limits",
        help="For a branch: its customers have limits with this branch alone. "
             "Otherwise its documents count in the exposure to the parent company.",
    )
    o2c_exposure_company_id = fields.Many2one(
        comodel_name="res.company",
        string="Limits Held By",
        compute="_compute_o2c_exposure_company_id",
        recursive=True,
        store=True,
        help="The company in whose exposure the documents of this company or branch count.",
    )

    o2c_ageing_scheme_id = fields.Many2one(
        comodel_name="o2c.ageing.scheme",
        string="Ageing Buckets",
        domain="[('company_id', 'in', (False, id))]",
        help="Buckets that the ageing proposes for this company. Empty: the first scheme of the list.",
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("parent_id.o2c_exposure_company_id", "o2c_own_exposure")
    def _compute_o2c_exposure_company_id(self):
        for company in self:
            parent = company.parent_id
            inherits = parent and not company.o2c_own_exposure
            company.o2c_exposure_company_id = parent.o2c_exposure_company_id if inherits else company
