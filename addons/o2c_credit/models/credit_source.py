from odoo import api, models

from ..rules.source import Source


class CreditSource(models.AbstractModel):
    """Registry of what the factors of a scorecard can look at.

    A module adds a source by extending :meth:`_get_source_list` with one more ``Source``, whose
    provider answers for all customers of a question at once.
    """

    _name = "o2c.credit.source"
    _description = "Sources of the scorecard"

    # === BUSINESS METHODS === #

    @api.model
    def _get_sources(self):
        """``{key: Source}`` in the order of the list."""
        return {source.key: source for source in self._get_source_list()}

    @api.model
    def _get_selection(self):
        """Keys and labels for the field of a factor."""
        return [(source.key, source.label) for source in self._get_source_list()]

    @api.model
    def _get_values(self, question, keys):
        """What is known about the customers of a question: ``{partner_id: {key: value}}``.

        Asks each provider once, whatever the number of customers. ``None`` and absent keys are not
        known. Answers of the officer are not among the keys: see ``o2c.credit.answer``.
        """
        values = {partner_id: {} for partner_id in question.partner_ids}
        sources = self._get_sources()
        # Bound methods are equal when they are the same method of the same records.
        providers = dict.fromkeys(sources[key].provide for key in keys if key in sources)
        for provide in providers:
            for partner_id, found in provide(question).items():
                values[partner_id].update(found)
        return values

    @api.model
    def _get_unit_label(self, unit):
        """How a unit is written behind a number."""
        return {
            "percent": "%",
            "days": self.env._("days"),
            "months": self.env._("months"),
            "years": self.env._("years"),
        }.get(unit, "")

    # === HOOKS === #

    @api.model
    def _get_source_list(self):
        """Sources in the order in which a policy administrator sees them. Extended by modules."""
        return [
            Source(
                key="answer",
                label=self.env._("Chosen by the credit officer"),
                provide=self.env["o2c.credit.answer"]._provide_answers,
                kind="choice",
                origin="answer",
                missing=self.env._("the credit officer has not answered"),
                help=self.env._("The bands are the options; the answer is kept with the customer."),
            ),
            *self._get_behaviour_sources(),
        ]
