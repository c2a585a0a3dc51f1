"""State machines with one writer."""

from odoo import api, models
from odoo.exceptions import UserError


class TransitionMixin(models.AbstractModel):
    """Documents whose ``state`` follows declared transitions and nothing else.

    The concrete model declares the field ``state`` and ``_transitions``, which lists for each
    state where it may go. ``_move_state`` is the only writer.
    """

    _name = "o2c.transition.mixin"
    _inherit = ["o2c.guarded.mixin"]
    _description = "State Machine"

    _guarded_fields = ("state",)
    _transitions: dict[str, tuple[str, ...]] = {}
    _transition_event = "state_changed"

    # === BUSINESS METHODS === #

    def _move_state(self, target, *, message, vals=None, evidence=None, event=None):
        """Move all records to ``target``: lock, check, write, register.

        :param target: key of the new state
        :param message: why, for the register; a string, or a function of one record
        :param vals: further values to write in the same step (guarded ones too)
        :param evidence: JSON-able facts of the decision; a dict, or a function of one record
        :param event: key of the register event, by default the model's ``_transition_event``
        :raise UserError: if a record may not go from its state to ``target``
        :raise LockError: if another transaction is just moving one of the records
        """
        if not self:
            return True
        self.lock_for_update(allow_referencing=True)
        self._check_transition(target)
        origins = {record.id: record.state for record in self}
        self._guarded_write({**(vals or {}), "state": target})
        self.env["o2c.register"]._log_many([
            {
                **record._prepare_register_vals(),
                "record": record,
                "event": event or self._transition_event,
                "message": message(record) if callable(message) else message,
                "evidence": {
                    "from": origins[record.id],
                    "to": target,
                    **((evidence(record) if callable(evidence) else evidence) or {}),
                },
            }
            for record in self
        ])
        return True

    # === CHECKS === #

    def _check_transition(self, target):
        labels = self._get_state_labels()
        for record in self:
            if target not in self._transitions.get(record.state, ()):
                raise UserError(self.env._(
                    "%(document)s is %(state)s and can't become %(target)s.",
                    document=record.display_name,
                    state=labels.get(record.state, record.state),
                    target=labels.get(target, target),
                ))

    # === HOOKS === #

    def _prepare_register_vals(self):
        """Further values of this record's register entries (partner, amount, currency, company)."""
        return {}

    # === HELPERS === #

    @api.model
    def _get_state_labels(self):
        return dict(self._fields["state"]._description_selection(self.env))
