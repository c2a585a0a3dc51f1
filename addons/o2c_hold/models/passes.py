"""Who has passed a checkpoint in this transaction.

The buttons judge documents before they hand them to Odoo, and the sinks judge whatever arrives
there. So that nothing is judged twice, the button leaves a note for the sink. The note lives in
the cursor's own dict: unlike the context, it can't be sent from outside, and it ends with the
transaction. It names the document and what it looked like, so that a document changed on the
way is judged again.
"""

from contextlib import contextmanager

PASSED = "o2c_hold.passed"
BUSY = "o2c_hold.busy"


@contextmanager
def passing(records):
    """While inside, the sinks let these records through as they look now."""
    notes = records.env.cr.cache.setdefault(PASSED, {})
    mine = {(record._name, record.id): record._get_o2c_fingerprint() for record in records}
    notes.update(mine)
    try:
        yield
    finally:
        for key in mine:
            notes.pop(key, None)


def has_passed(record):
    """Whether the record was judged in this call, looking as it does now."""
    notes = record.env.cr.cache.get(PASSED)
    key = (record._name, record.id)
    return bool(notes) and key in notes and notes[key] == record._get_o2c_fingerprint()


@contextmanager
def busy(first, *others):
    """While inside, an outer sink judges these records: inner ones leave it to that one."""
    marks = first.env.cr.cache.setdefault(BUSY, set())
    mine = {(record._name, record.id) for records in (first, *others) for record in records} - marks
    marks |= mine
    try:
        yield
    finally:
        marks -= mine


def is_busy(record):
    marks = record.env.cr.cache.get(BUSY)
    return bool(marks) and (record._name, record.id) in marks
