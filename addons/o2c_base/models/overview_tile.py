"""Tiles of the overview page."""

from odoo import api, fields, models
from odoo.tools.safe_eval import safe_eval


class OverviewTile(models.Model):
    """One card of the overview: a number of one model, and the list behind it.

    A module adds a data record. The model of the tile's action may have a method
    ``_get_overview_data(code)`` that returns a dict of ``count``, and optionally ``caption``
    (a sentence) and ``tone`` (muted, info, warning, danger). Without it the tile counts the
    records of its action's domain.
    """

    _name = "o2c.overview.tile"
    _description = "Tile of the Overview"
    _order = "section, sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Given to the model's hook, which may serve several tiles.")
    description = fields.Char(translate=True, help="One sentence under the number.")
    section = fields.Selection(
        [
            ("1_work", "Work"),
            ("2_customers", "Customers"),
            ("3_reporting", "Reporting"),
            ("4_audit", "Audit"),
        ],
        required=True,
        default="1_work",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    icon = fields.Char(default="fa-circle-o", help="Name of a Font Awesome icon, such as fa-check.")
    action_id = fields.Many2one(
        "ir.actions.act_window",
        string="Opens",
        required=True,
        ondelete="cascade",
    )
    group_ids = fields.Many2many(
        "res.groups",
        string="Shown to",
        help="Empty: everybody who opens the app.",
    )

    count = fields.Integer(compute="_compute_data")
    caption = fields.Char(compute="_compute_data", help="What the hook says about the number.")
    tone = fields.Selection(
        [("muted", "Nothing"), ("info", "Normal"), ("warning", "Attention"), ("danger", "Urgent")],
        compute="_compute_data",
    )

    _code_uniq = models.UniqueIndex("(code)", "The code of a tile must be unique.")

    # === COMPUTES === #

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("code", "action_id")
    def _compute_data(self):
        for tile in self:
            data = tile._get_data()
            tile.count = data.get("count", 0)
            tile.caption = data.get("caption") or tile.description
            tile.tone = data.get("tone") or ("info" if tile.count else "muted")

    # === ACTIONS === #

    def action_open(self):
        """Open the list behind the number."""
        self.ensure_one()
        self.check_access("read")
        action = self.sudo().action_id
        self.env[action.res_model].check_access("read")
        return action._get_action_dict()

    # === HELPERS === #

    def _get_data(self):
        """Ask the model with the reader's own rights; what he may not read counts nothing."""
        model = self.env.get(self.sudo().action_id.res_model)
        if model is None or not model.has_access("read"):
            return {}
        if hasattr(model, "_get_overview_data"):
            return model._get_overview_data(self.code)
        return {"count": model.search_count(self._get_action_domain())}

    def _get_action_domain(self):
        return safe_eval(self.sudo().action_id.domain or "[]", {
            "uid": self.env.uid,
            "allowed_company_ids": self.env.companies.ids,
            "context_today": lambda: fields.Date.context_today(self),
        })
