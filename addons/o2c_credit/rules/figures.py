"""Ratios of a customer's yearly figures. Pure Python, no environment.

An amount of 0 means that the figure was not filled in: no company has a year without
turnover, or no liabilities at all. A ratio that lacks a part is ``None``, never 0, so that a
gap in the file can't pass for a good or a bad figure.
"""

from __future__ import annotations


def current_ratio(current_assets: float, current_liabilities: float) -> float | None:
    """Current assets ÷ current liabilities: 2.0 is comfortable, below 1.0 is tight.

    >>> current_ratio(300.0, 150.0)
    2.0
    >>> current_ratio(300.0, 0.0) is None
    True
    """
    return current_assets / current_liabilities if current_assets and current_liabilities else None


def debt_ratio(total_liabilities: float, total_assets: float) -> float | None:
    """Liabilities in percent of assets.

    >>> debt_ratio(60.0, 100.0)
    60.0
    >>> debt_ratio(0.0, 100.0) is None and debt_ratio(60.0, 0.0) is None
    True
    """
    return total_liabilities / total_assets * 100 if total_liabilities and total_assets else None


def net_margin(net_income: float, turnover: float) -> float | None:
    """Net income in percent of turnover; negative for a loss.

    >>> net_margin(-50.0, 1000.0)
    -5.0
    >>> net_margin(50.0, 0.0) is None and net_margin(0.0, 1000.0) is None
    True
    """
    return net_income / turnover * 100 if net_income and turnover else None


def net_worth(total_assets: float, total_liabilities: float) -> float | None:
    """What would be left for the owners, in the currency of the figures; may be negative.

    >>> net_worth(100.0, 130.0)
    -30.0
    >>> net_worth(100.0, 0.0) is None
    True
    """
    return total_assets - total_liabilities if total_assets and total_liabilities else None
