from odoo import fields, models


class CreditGrade(models.Model):
    """A grade by its name and rank; what it grants stands in the credit policy."""

    _name = "o2c.credit.grade"
    _description = "Credit grade"
    _order = "sequence, id"

    name = fields.Char(required=True, help="Short, as people say it: AAA, B, D.")
    sequence = fields.Integer(default=10, help="Rank: the best grade has the lowest number.")
    color = fields.Integer(help="Colour of the grade in lists and on cards.")
    description = fields.Char(translate=True, help="What the grade says about a customer.")
    active = fields.Boolean(default=True)

    _name_uniq = models.Constraint("UNIQUE (name)", "There is a grade with this name already.")

    def _is_below(self, other):
        """Whether this grade is worse than ``other``."""
        self.ensure_one()
        return (self.sequence, self.id) > (other.sequence, other.id)
