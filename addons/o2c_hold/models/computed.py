"""What Odoo computes and stores, and what the controls judge by."""

from odoo.addons.o2c_base.models.computed import refuse_computed


def without_state(vals_list):
    """Values without the state that lines copy from their document: a new line has that of its document."""
    return [{name: value for name, value in vals.items() if name != "state"} for vals in vals_list]


def without_default_state(records):
    """The same records without a default for the state, which the caller's context may carry."""
    context = records.env.context
    if "default_state" not in context:
        return records
    return records.with_context({key: context[key] for key in context if key != "default_state"})


def refuse_state(records, state, document_field):
    """Refuse to write on lines a state that their document does not have.

    Lines keep a copy of it, which everybody may write who may write the line, and Odoo believes the copy:
    it procures for order lines that say they are sold, and moves goods when lines that say they are done
    are edited.

    :raise AccessError: when a document is in another state; the refusal is registered
    """
    wrong = records.filtered(lambda line: line[document_field].state != state)
    if wrong:
        refuse_computed(wrong, {"state"}, event="step_refused")


def refuse_links(lines, name, companies):
    """Refuse to link invoices and orders by hand where controls enforce.

    An invoice belongs to the orders it was made from. Linked afterwards, the paid invoice of one order makes
    another look invoiced, which takes that order out of what the customer owes.

    :raise AccessError: when a company of ``companies`` enforces; the refusal is registered
    """
    control = lines.env["o2c.control"]
    if not lines.env.su and any(control._is_checkpoint_enforced("order", company) for company in companies):
        refuse_computed(lines, {name}, event="step_refused")
