"""Percentages as people write them."""


def format_percent(value: float) -> str:
    """Without useless decimals.

    >>> format_percent(60.0), format_percent(33.33), format_percent(0.5)
    ('60', '33.33', '0.5')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")
