"""What follows from a verdict: the company's mode and severity on top of what was found."""

MODES = ("off", "observing", "enforcing")
STOPPING = ("hold", "forbid")


def get_severity(found: str, setting: str) -> str:
    """Severity of a verdict in a company.

    The control says how bad it is by ``pass``, ``warn`` or ``hold``; what a ``hold`` means is the
    company's choice. A ``warn`` is never made worse, and a ``forbid`` is never a mere hold.

    >>> [get_severity("hold", setting) for setting in ("pass", "warn", "hold", "forbid")]
    ['pass', 'warn', 'hold', 'forbid']
    >>> [get_severity("warn", setting) for setting in ("pass", "warn", "hold", "forbid")]
    ['pass', 'warn', 'warn', 'warn']
    >>> [get_severity("forbid", setting) for setting in ("pass", "warn", "hold", "forbid")]
    ['pass', 'warn', 'forbid', 'forbid']
    >>> get_severity("pass", "forbid")
    'pass'
    """
    if found == "pass" or setting == "pass":
        return "pass"
    if found == "warn" or setting == "warn":
        return "warn"
    return "forbid" if "forbid" in (found, setting) else "hold"


def get_effect(mode: str, severity: str) -> str:
    """Effect on the document: ``none``, ``observe``, ``warn``, ``hold`` or ``forbid``.

    >>> [get_effect("off", s) for s in ("pass", "warn", "hold", "forbid")]
    ['none', 'none', 'none', 'none']
    >>> [get_effect("observing", s) for s in ("pass", "warn", "hold", "forbid")]
    ['none', 'none', 'observe', 'observe']
    >>> [get_effect("enforcing", s) for s in ("pass", "warn", "hold", "forbid")]
    ['none', 'warn', 'hold', 'forbid']
    """
    if mode == "off" or severity == "pass":
        return "none"
    if mode == "observing":
        return "observe" if severity in STOPPING else "none"
    return severity
