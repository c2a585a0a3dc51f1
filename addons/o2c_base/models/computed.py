"""What Odoo computes and stores, and what people decide by: nobody writes it."""

from odoo.exceptions import AccessError

from .wording import join_names


def check_computed(records, names, computed, *, event="guard_refused", even_superuser=False):
    """Refuse values for what Odoo computes itself.

    The ORM lets everybody who may write a record write its stored computed fields too, and keeps such a
    value until something is computed anew: an order of 57,500 could so be shown as one of 1, or an open
    item as paid.

    :param names: names of the fields that are given
    :param computed: names of the fields that nobody writes
    :param event: key of the register's entry
    :param even_superuser: also where Odoo's own code runs with all rights
    :raise AccessError: the refusal is registered
    """
    given = computed.intersection(names)
    if given and (even_superuser or not records.env.su):
        refuse_computed(records, given, event=event)


def refuse_computed(records, names, *, event="guard_refused"):
    """Raise and register: these fields are computed.

    :raise AccessError: always
    """
    labels = join_names(
        records.env, sorted(records._fields[name]._description_string(records.env) for name in names)
    )
    message = records.env._(
        "%s can't be written: Odoo computes it. Change the lines, quantities or entries that it comes from.",
        labels,
    )
    records.env["o2c.register"]._log_refusal(
        records[:1],
        event,
        message,
        partner=records.env["res.partner"],
        evidence={"fields": sorted(names), "ids": records.ids[:100]},
    )
    raise AccessError(message)
