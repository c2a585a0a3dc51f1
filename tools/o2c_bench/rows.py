"""Rows of the result, the promises they are held to, and their table."""

from .measure import ratio

COLUMNS = (
    "name",
    "invoices",
    "suite_cpu_ms",
    "odoo_cpu_ms",
    "peer_cpu_ms",
    "sql_cpu_ms",
    "queries",
    "memory_mb",
)


def make_row(name, invoices, *, limits=None, **figures):
    """A row with every column, None where there is no figure.

    `limits` are the promises: {figure: highest value}, on columns and on `to_odoo`, `to_sql` (ratios of CPU)
    and `extra_queries` (more than plain Odoo). `broken` lists those that do not hold.
    """
    row = {column: figures.pop(column, None) for column in COLUMNS}
    row.update(name=name, invoices=invoices, **figures)
    row["to_odoo"] = ratio(row["suite_cpu_ms"], row["odoo_cpu_ms"])
    row["to_sql"] = ratio(row["suite_cpu_ms"], row["sql_cpu_ms"])
    if row["queries"] is not None and row.get("odoo_queries") is not None:
        row["extra_queries"] = row["queries"] - row["odoo_queries"]
    row["broken"] = [
        f"{figure} is {row[figure]}, promised is at most {limit}"
        for figure, limit in (limits or {}).items()
        if row.get(figure) is not None and row[figure] > limit
    ]
    return row


def format_table(rows):
    """The rows for a human."""
    titles = ["", "suite ms", "Odoo ms", "SQL ms", "to Odoo", "to SQL", "queries", "Odoo's", "MB", ""]
    keys = [
        "name",
        "suite_cpu_ms",
        "odoo_cpu_ms",
        "sql_cpu_ms",
        "to_odoo",
        "to_sql",
        "queries",
        "odoo_queries",
    ]
    keys += ["memory_mb"]
    lines = [titles]
    for row in rows:
        cells = [_cell(row.get(key)) for key in keys]
        lines.append([*cells, "BROKEN: " + "; ".join(row["broken"]) if row["broken"] else ""])
    widths = [max(len(line[place]) for line in lines) for place in range(len(titles))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place in (0, len(titles) - 1) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _cell(value):
    if value is None:
        return "-"
    return (
        f"{value:,.2f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
