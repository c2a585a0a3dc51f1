"""Amounts that Odoo computes, and that the controls judge by."""

from .passes import refuse


def refuse_computed(records, names):
    """Refuse to write computed amounts.

    The ORM lets everybody who may write a record write its stored computed fields too, and keeps such
    a value until something is computed anew. An order of 57,500 could so be shown as one of 1.

    :raise UserError: always; the refusal is registered
    """
    labels = ", ".join(sorted(records._fields[name]._description_string(records.env) for name in names))
    message = records.env._("%s can't be written: it is computed from the lines. Change the lines.", labels)
    entry = {
        "record": records[:1],
        "event": "step_refused",
        "message": message,
        "partner": records.env["res.partner"],
        "evidence": {"fields": sorted(names), "ids": records.ids[:100]},
    }
    refuse(records.env, message, [entry])
