"""What is said about a row of a ledger: why, and what to do."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# code → (short name, the label of a selection field; sentence with %s for the value; what to do)
REASONS = {
    # --- wrong: the row itself
    "no_number": ("No number", _lt("The invoice number is missing."), _lt("Enter the number.")),
    "bad_number": (
        "Invalid number",
        _lt("%s is no invoice number."),
        _lt("Enter the number that the customer has on the invoice."),
    ),
    "duplicate": (
        "Number twice in the file",
        _lt("The number stands in row %s too."),
        _lt("Delete one of the rows, or correct its number."),
    ),
    "no_customer": (
        "No customer",
        _lt("There is no customer reference, tax ID or name."),
        _lt("Enter at least one of them."),
    ),
    "no_invoice_date": (
        "No invoice date",
        _lt("The invoice date is missing."),
        _lt("Enter the invoice date."),
    ),
    "no_due_date": ("No due date", _lt("The due date is missing."), _lt("Enter the due date.")),
    "bad_invoice_date": (
        "Invalid invoice date",
        _lt("%s is no date in the chosen format."),
        _lt("Correct the invoice date, or choose the format in which all dates of the file are written."),
    ),
    "bad_due_date": (
        "Invalid due date",
        _lt("%s is no date in the chosen format."),
        _lt("Correct the due date, or choose the format in which all dates of the file are written."),
    ),
    "bad_settled_date": (
        "Invalid settlement date",
        _lt("%s is no date in the chosen format."),
        _lt("Correct the settlement date; leave it empty if the invoice is open."),
    ),
    "due_before_invoice": (
        "Due before invoiced",
        _lt("The due date %s lies before the invoice date."),
        _lt("Correct one of the two dates."),
    ),
    "settled_before_invoice": (
        "Settled before invoiced",
        _lt("The settlement date %s lies before the invoice date."),
        _lt("Correct one of the two dates."),
    ),
    "no_amount": ("No amount", _lt("The amount is missing."), _lt("Enter the amount with tax.")),
    "bad_amount": (
        "Invalid amount",
        _lt("%s is no amount with the chosen separators."),
        _lt("Correct the amount, or choose the separators that the file uses."),
    ),
    "bad_open_amount": (
        "Invalid open amount",
        _lt("%s is no amount with the chosen separators."),
        _lt("Correct the open amount, or choose the separators that the file uses."),
    ),
    "zero_amount": (
        "Amount is zero",
        _lt("The amount is zero."),
        _lt("Enter the amount, or delete the row: there is nothing to collect."),
    ),
    "negative_amount": (
        "Negative amount",
        _lt("The amount %s is negative."),
        _lt("Choose that negative amounts are credit notes, or correct the amount."),
    ),
    "open_amount": (
        "Open amount exceeds amount",
        _lt("The open amount %s is more than the invoice amount, or has the other sign."),
        _lt("Correct one of the two amounts."),
    ),
    "precision": (
        "Too many decimals",
        _lt("The amount %s has more decimals than its currency."),
        _lt("Round the amount as it was invoiced."),
    ),
    "settled_but_open": (
        "Settled, yet open",
        _lt("The row says that it was settled, and that %s are open."),
        _lt("Empty the settlement date of a part payment, or set the open amount to 0."),
    ),
    "closed_without_date": (
        "Settled without a date",
        _lt("Nothing is open, but the settlement date is missing."),
        _lt("Enter the date of the last payment, or delete the row."),
    ),
    "currency": (
        "Unknown currency",
        _lt("Currency %s isn't known or isn't active."),
        _lt("Enter the three-letter code, or activate the currency."),
    ),
    "no_rate": (
        "No exchange rate",
        _lt("There is no rate of %s on or before the invoice date."),
        _lt("Enter the rate of that day or of an earlier one."),
    ),
    "disputed": (
        "Unclear dispute",
        _lt("%s is neither yes nor no."),
        _lt("Write yes or no, or leave it empty."),
    ),
    "columns": (
        "Too many cells",
        _lt("The row has %s cells, more than the header."),
        _lt("Put values that contain the delimiter between quotation marks."),
    ),
    "encoding": (
        "Unreadable characters",
        _lt("Some characters of %s can't be read."),
        _lt("Choose the encoding in which the file was saved, or type the text again."),
    ),
    "line_break": (
        "Line break in a value",
        _lt("A value contains a line break; a quotation mark is probably missing."),
        _lt("Close the quotation marks, or remove the line break."),
    ),
    # --- wrong: against what is in Odoo
    "unknown_customer": (
        "Unknown customer",
        _lt("There is no customer %s."),
        _lt("Create the customer, correct the key, or let the import create missing customers."),
    ),
    "ambiguous_customer": (
        "Several customers",
        _lt("%s fits several customers."),
        _lt("Use the customer reference, or merge the customers."),
    ),
    "archived_customer": (
        "Archived customer",
        _lt("Customer %s is archived."),
        _lt("Unarchive the customer, or correct the key."),
    ),
    "number_taken": (
        "Number of another invoice",
        _lt("The number belongs to %s."),
        _lt("Correct the number: a company uses a number once."),
    ),
    "lock_date": (
        "Period is locked",
        _lt("The invoice date lies in a locked period: %s."),
        _lt("Ask for an exception to the lock date, or leave the row out."),
    ),
    "booking_failed": (
        "Booking failed",
        "%s",
        _lt("Remove the cause and press Try Again."),
    ),
    # --- skipped
    "after_cut_off": (
        "After the cut-off",
        _lt("Invoiced on %s, after the cut-off."),
        _lt("Nothing to do: invoices after the cut-off are made in Odoo."),
    ),
    "settled_credit": (
        "Settled credit note",
        _lt("A settled credit note says nothing about how the customer pays."),
        _lt("Nothing to do."),
    ),
    "already_booked": (
        "Already booked",
        _lt("Invoice %s is in the books already."),
        _lt("Nothing to do."),
    ),
    "in_history": (
        "Already in the history",
        _lt("The payment history has it as settled on %s."),
        _lt("Nothing to do."),
    ),
    "now_settled": (
        "Booked as open, now settled",
        _lt("Booked as an open invoice; the file says it was settled on %s."),
        _lt("Register the payment on the invoice."),
    ),
    "open_differs": (
        "Open amount differs",
        _lt("Booked already; by the books %s are open."),
        _lt("Register the payment on the invoice, or correct the file."),
    ),
}


REASON_LABELS = [(code, label) for code, (label, _message, _advice) in REASONS.items()]


def describe(env, problems):
    """All problems of a row in the user's language: (message, advice)."""
    messages, advices = [], []
    for code, value in problems:
        _label, message, advice = REASONS[code]
        messages.append((message if isinstance(message, str) else env._(message)).replace("%s", value))
        advices.append(env._(advice))
    return "\n".join(messages), "\n".join(dict.fromkeys(advices))
