from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, models

from ..rules.completeness import FIGURE_YEARS, RATING_MONTHS
from ..rules.source import Source

RATIOS = ("current_ratio", "debt_ratio", "net_margin")
AMOUNTS = ("turnover", "operating_cash_flow", "net_worth")


class CreditSource(models.AbstractModel):
    """Figures of the credit file: the latest that still count, as it stands in the file now.

    Dated by what they are about: figures of a year that had ended by the day of the question (or was
    entered by then), ratings given by then. What is too old is not known any more.
    """

    _inherit = "o2c.credit.source"

    # === SOURCES === #

    @api.model
    def _get_source_list(self):
        return [*super()._get_source_list(), *self._get_file_sources()]

    @api.model
    def _get_file_sources(self):
        no_file = self.env._("there is no credit file")
        no_figures = self.env._("the credit file has no such figures of the last years")
        figures = {"provide": self._provide_figures, "origin": "file", "missing": no_figures}
        return [
            Source("file_current_ratio", self.env._("Current ratio"), **figures,
                   help=self.env._("Current assets by current liabilities.")),
            Source("file_debt_ratio", self.env._("Debt ratio"), unit="percent", **figures,
                   help=self.env._("Liabilities in percent of assets.")),
            Source("file_net_margin", self.env._("Net margin"), unit="percent", **figures,
                   help=self.env._("Net income in percent of turnover.")),
            Source("file_turnover", self.env._("Turnover"), unit="money", **figures,
                   help=self.env._("In company currency, at the rate of the day of the score.")),
            Source("file_operating_cash_flow", self.env._("Operating cash flow"), unit="money", **figures,
                   help=self.env._("In company currency, at the rate of the day of the score.")),
            Source("file_cash_flow_share", self.env._("Operating cash flow of turnover"), unit="percent",
                   **figures),
            Source("file_net_worth", self.env._("Net worth"), unit="money", **figures,
                   help=self.env._("Assets less liabilities, in company currency.")),
            Source("file_rating", self.env._("External rating"), self._provide_rating, origin="file",
                   missing=self.env._("the credit file has no rating of the last twelve months"),
                   help=self.env._("Points of the latest rating on our scale of 0 to 100.")),
            Source("file_completeness", self.env._("Completeness of the credit file"), self._provide_file,
                   unit="percent", origin="file", missing=no_file),
            Source("file_years", self.env._("Years since founding"), self._provide_file, unit="years",
                   origin="file", missing=self.env._("the credit file names no day of foundation")),
        ]  # fmt: skip

    # === PROVIDERS === #

    @api.model
    def _provide_file(self, question):
        """Completeness and age; nothing for who has no file."""
        return {
            partner_id: {
                "file_completeness": file.completeness,
                "file_years": self._get_full_years(file.founded_on, question.date),
            }
            for partner_id, file in self._get_files(question).items()
        }

    @api.model
    def _provide_figures(self, question):
        """The latest yearly figures that count; a ratio of which a part is missing is not known."""
        files = self._get_files(question)
        midnight = question.company._o2c_midnight(question.date + timedelta(days=1))
        figures = self.env["o2c.credit.file.figure"].search(
            [
                ("file_id", "in", [file.id for file in files.values()]),
                ("year", ">=", question.date.year - FIGURE_YEARS),
                ("year", "<=", question.date.year),
            ],
            order="year desc, id desc",
        )
        found = {}
        for figure in figures:
            # A business year may end in spring; of a past day, only what was entered by then is certain.
            if figure.year < question.date.year or figure.create_date < midnight:
                found.setdefault(figure.partner_id.id, self._get_figure_values(figure, question))
        return found

    @api.model
    def _provide_rating(self, question):
        """Points of the latest external rating that still counts."""
        files = self._get_files(question)
        ratings = self.env["o2c.credit.file.rating"].search(
            [
                ("file_id", "in", [file.id for file in files.values()]),
                ("date", "<=", question.date),
                ("date", ">=", question.date - relativedelta(months=RATING_MONTHS)),
            ],
            order="date desc, id desc",
        )
        found = {}
        for rating in ratings:
            found.setdefault(rating.partner_id.id, {"file_rating": rating.score})
        return found

    # === HELPERS === #

    @api.model
    def _get_files(self, question):
        """``{partner_id: file}``, read once for all providers of a question."""
        if "files" not in question.memo:
            partners = self.env["res.partner"].browse(question.partner_ids)
            question.memo["files"] = self.env["o2c.credit.file"]._get_files(question.company, partners)
        return question.memo["files"]

    @api.model
    def _get_figure_values(self, figure, question):
        ratios = figure._get_ratios()
        amounts = {name: ratios[name] if name in ratios else figure[name] or None for name in AMOUNTS}
        share = (
            self._get_percent(figure.operating_cash_flow, figure.turnover)
            if figure.operating_cash_flow
            else None
        )
        return {
            **{f"file_{name}": ratios[name] for name in RATIOS},
            **{f"file_{name}": self._in_company(figure, value, question) for name, value in amounts.items()},
            "file_cash_flow_share": share,
        }

    @api.model
    def _in_company(self, figure, amount, question):
        """An amount of the customer's accounts in company currency, at the rate of the day."""
        if amount is None:
            return None
        return figure.currency_id._convert(
            amount, question.company.currency_id, question.company, question.date
        )

    @api.model
    def _get_full_years(self, start, end):
        return relativedelta(end, start).years if start and start <= end else None
