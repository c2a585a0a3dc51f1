from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..rules import figures

AMOUNTS = (
    "turnover",
    "net_income",
    "current_assets",
    "current_liabilities",
    "total_assets",
    "total_liabilities",
    "operating_cash_flow",
)
EARLIEST_YEAR = 1900


class CreditFileFigure(models.Model):
    """Key figures of one year, as the customer's accounts show them.

    An amount of 0 counts as not filled in; a ratio that lacks a part is 0 on the screen and
    ``None`` in :meth:`_get_ratios`.
    """

    _name = "o2c.credit.file.figure"
    _inherit = ["o2c.credit.evidence.mixin"]
    _description = "Key figures"
    _order = "year desc, id desc"

    file_id = fields.Many2one("o2c.credit.file", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="file_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="file_id.partner_id", store=True, index="btree_not_null")
    active = fields.Boolean(default=True, help="Figures that a merge found twice are kept in the archive.")
    year = fields.Integer(
        required=True,
        aggregator=None,
        default=lambda self: self.env.company._o2c_today().year - 1,
        help="The business year; the calendar year in which it ends.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.company.o2c_exposure_company_id.currency_id,
        help="Currency of the customer's accounts.",
    )
    source = fields.Selection(
        [("audited", "Audited"), ("official", "Published"), ("own", "Customer's own")],
        default="own",
        help="How much the figures can be trusted.",
    )
    turnover = fields.Monetary(help="Revenue of the year, without VAT.")
    net_income = fields.Monetary(string="Net income", help="After tax; negative for a loss.")
    current_assets = fields.Monetary(string="Current assets")
    current_liabilities = fields.Monetary(string="Current liabilities")
    total_assets = fields.Monetary(string="Total assets")
    total_liabilities = fields.Monetary(string="Total liabilities")
    operating_cash_flow = fields.Monetary(
        string="Operating cash flow", help="Negative: the business used money."
    )

    current_ratio = fields.Float(
        string="Current ratio",
        compute="_compute_ratios",
        store=True,
        digits=(16, 2),
        aggregator="avg",
        help="Current assets ÷ current liabilities. Empty when one of them is missing.",
    )
    debt_ratio = fields.Float(
        string="Debt ratio (%)",
        compute="_compute_ratios",
        store=True,
        digits=(16, 2),
        aggregator="avg",
        help="Liabilities in percent of assets. Empty when one of them is missing.",
    )
    net_margin = fields.Float(
        string="Net margin (%)",
        compute="_compute_ratios",
        store=True,
        digits=(16, 2),
        aggregator="avg",
        help="Net income in percent of turnover. Empty when one of them is missing.",
    )
    net_worth = fields.Monetary(
        string="Net worth",
        compute="_compute_ratios",
        store=True,
        help="Assets less liabilities. Empty when one of them is missing.",
    )

    _year_uniq = models.UniqueIndex(
        "(file_id, year) WHERE active IS TRUE", "The file has figures of this year already."
    )
    _not_negative = models.Constraint(
        "CHECK (turnover >= 0 AND current_assets >= 0 AND current_liabilities >= 0"
        " AND total_assets >= 0 AND total_liabilities >= 0)",
        "Turnover, assets and liabilities can't be negative.",
    )

    # === COMPUTES === #

    @api.depends("year")
    def _compute_display_name(self):
        for figure in self:
            figure.display_name = str(figure.year or "")

    @api.depends(*AMOUNTS)
    def _compute_ratios(self):
        for figure in self:
            for name, value in figure._get_ratios().items():
                figure[name] = value or 0.0

    # === CHECKS === #

    @api.constrains("year", "company_id")
    def _check_year(self):
        for figure in self:
            latest = (figure.company_id or self.env.company)._o2c_today().year
            if not EARLIEST_YEAR <= figure.year <= latest:
                raise ValidationError(
                    self.env._("There can be no figures of the year %(year)s yet.", year=figure.year)
                )

    @api.constrains("current_assets", "total_assets", "current_liabilities", "total_liabilities")
    def _check_parts(self):
        pairs = (("current_assets", "total_assets"), ("current_liabilities", "total_liabilities"))
        for figure in self:
            for part, whole in pairs:
                if figure[whole] and figure.currency_id.compare_amounts(figure[part], figure[whole]) > 0:
                    raise ValidationError(
                        self.env._(
                            "%(part)s of %(year)s can't be more than %(whole)s.",
                            part=self._fields[part]._description_string(self.env),
                            whole=self._fields[whole]._description_string(self.env),
                            year=figure.year,
                        )
                    )

    # === BUSINESS METHODS === #

    def _get_ratios(self):
        """Ratios of the year by field name; ``None`` where a part of one is missing.

        ``net_worth`` is in the currency of the figures.
        """
        self.ensure_one()
        return {
            "current_ratio": figures.current_ratio(self.current_assets, self.current_liabilities),
            "debt_ratio": figures.debt_ratio(self.total_liabilities, self.total_assets),
            "net_margin": figures.net_margin(self.net_income, self.turnover),
            "net_worth": figures.net_worth(self.total_assets, self.total_liabilities),
        }
