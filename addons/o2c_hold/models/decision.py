from odoo.tools import float_compare

RANK = {"order": 1, "delivery": 2, "invoice": 3}


class Decision:
    """What the controls say about one document at one checkpoint, releases considered.

    Not a model: it lives for one call and is never stored. What is kept of it are holds and
    entries of the register.
    """

    __slots__ = ("checkpoint", "document", "holds", "judgements", "released", "stopping")

    def __init__(self, document, checkpoint, judgements, holds):
        """
        :param document: one record, seen with the rights of the judge (superuser)
        :param judgements: list of `Judgement`
        :param holds: holds of this document, and releases given to its order
        """
        self.document = document
        self.checkpoint = checkpoint
        self.judgements = judgements
        key = (document._name, document._origin.id, checkpoint)
        self.holds = {
            hold.code: hold for hold in holds if (hold.res_model, hold.res_id, hold.checkpoint) == key
        }
        releases = holds.filtered(
            lambda hold: hold.state == "released" and RANK[hold.checkpoint] <= RANK[checkpoint]
        )
        self.released = {}
        self.stopping = []
        for judgement in judgements:
            if not judgement.stops:
                continue
            release = releases.filtered(lambda hold, j=judgement: hold._is_covering(document, j))[:1]
            if release:
                self.released[judgement.code] = release
            else:
                self.stopping.append(judgement)

    @property
    def observed(self):
        """Judgements that would have stopped the document if their control were enforcing."""
        return [judgement for judgement in self.judgements if judgement.effect == "observe"]

    @property
    def warnings(self):
        return [judgement for judgement in self.judgements if judgement.effect == "warn"]

    @property
    def is_forbidden(self):
        return any(judgement.effect == "forbid" for judgement in self.stopping)

    @property
    def excess(self):
        """Largest excess that stops the document, in company currency."""
        return max((judgement.verdict.excess for judgement in self.stopping), default=0.0)

    def get_judgement(self, code):
        return next((judgement for judgement in self.judgements if judgement.code == code), None)

    def as_evidence(self):
        return {
            "checkpoint": self.checkpoint,
            "controls": [judgement.as_evidence() for judgement in self.judgements],
            "releases": {code: hold.id for code, hold in self.released.items()},
        }


def is_above(amount, ceiling, currency):
    """Whether an amount exceeds a ceiling by a cent or more."""
    return float_compare(amount, ceiling, precision_rounding=currency.rounding) > 0
