"""Who has passed a checkpoint in this transaction.

The buttons judge documents before they hand them to Odoo, and the sinks judge whatever arrives
there. So that nothing is judged twice, the button leaves a note for the sink. The note lives in
the cursor's own dict: unlike the context, it can't be sent from outside, and it ends with the
transaction. It names the document and what it looked like, so that a document changed on the
way is judged again. Should a note get lost (a rolled back savepoint empties that dict), the sink
judges once more: a missing note never opens anything.
"""

from contextlib import contextmanager

from odoo.exceptions import UserError

PASSED = "o2c_hold.passed"
BUSY = "o2c_hold.busy"
UNDOING = "o2c_hold.undoing"
EXEMPT = "o2c_hold.exempt"


class StepRefused(UserError):
    """A control refused a step. Knows what the register has to keep of it."""

    def __init__(self, message, entries):
        super().__init__(message)
        self.entries = entries

    def register(self, env):
        """Write the refusals down, once, in a transaction of their own."""
        while self.entries:
            entry = self.entries.pop(0)
            # What was only being created is gone by now, together with the rest of the step.
            present = {name: entry[name].exists() for name in ("record", "partner")}
            env["o2c.register"]._log_refusal(**(entry | present))


def refuse(env, message, entries):
    """Raise a refusal; inside `undoing` it is registered after everything was undone.

    :param entries: arguments of `o2c.register._log_refusal`
    """
    refused = StepRefused(message, entries)
    if not env.cr.cache.get(UNDOING):
        refused.register(env)
    raise refused


@contextmanager
def undoing(env):
    """While inside, a refusal undoes what was written, so that a caller who swallows the error keeps
    nothing of it."""
    # Odoo empties the cursor's dict when a savepoint is rolled back: hence the local copy.
    depth = env.cr.cache.get(UNDOING, 0)
    env.cr.cache[UNDOING] = depth + 1
    try:
        with env.cr.savepoint():
            yield
    except StepRefused as refused:
        if not depth:
            refused.register(env)
        raise
    finally:
        env.cr.cache[UNDOING] = depth


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
def busy(*recordsets):
    """While inside, an outer sink judges these records: inner ones leave it to that one."""
    marks = recordsets[0].env.cr.cache.setdefault(BUSY, set())
    mine = {(record._name, record.id) for records in recordsets for record in records} - marks
    marks |= mine
    try:
        yield
    finally:
        marks -= mine


def is_busy(record):
    """Whether an outer sink judges the record."""
    marks = record.env.cr.cache.get(BUSY)
    return bool(marks) and (record._name, record.id) in marks


@contextmanager
def exempt(env):
    """While inside, no document is judged: for processes that pass by their nature, such as a shop's till.

    Wrap private methods of the process in it. A flag on the document would be a door: whoever may write
    the document may write the flag.
    """
    before = env.cr.cache.get(EXEMPT, False)
    env.cr.cache[EXEMPT] = True
    try:
        yield
    finally:
        env.cr.cache[EXEMPT] = before


def is_exempt(env):
    """Whether a process is at work that no control looks at."""
    return bool(env.cr.cache.get(EXEMPT))
