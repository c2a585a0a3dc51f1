from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

KINDS = [
    ("deposit", "Deposit"),
    ("before_delivery", "Before delivery"),
    ("on_delivery", "On delivery"),
    ("retention", "Retention"),
    ("fixed_date", "On a date"),
]
# What has to be in before goods leave or installation begins (D7).
FIRST_KINDS = ("deposit", "before_delivery")


class InstalmentMixin(models.AbstractModel):
    """A part of a payment schedule: what for, how much of the total, and when."""

    _name = "o2c.instalment.mixin"
    _description = "Part of a payment schedule"

    # === FIELDS === #

    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        KINDS,
        required=True,
        default="on_delivery",
        help="Deposits and what is due before delivery must have come in before goods leave.",
    )
    percent = fields.Float(
        string="Share (%)",
        required=True,
        digits=(16, 4),
        aggregator=None,
        help="Share of the order's total, tax included. The last part takes what rounding leaves.",
    )
    trigger = fields.Selection(
        [("confirmation", "Confirmation"), ("delivery", "Delivery"), ("date", "Fixed date")],
        string="Counted from",
        required=True,
        default="delivery",
        help="Delivery: of the goods that were delivered, the day when they were; of the others the day"
        " for which they are expected; of services the confirmation, or the invoice, where that is about what"
        " was delivered.",
    )
    days = fields.Integer(help="Days after that day. Negative: before it.")
    end_of_month = fields.Boolean(
        string="From end of month", help="The days are counted from the end of that day's month."
    )
    fixed_date = fields.Date(string="Date")
    terms = fields.Char(string="Due", compute="_compute_terms")

    # === COMPUTES === #

    @api.depends("trigger", "days", "end_of_month", "fixed_date")
    def _compute_terms(self):
        for part in self:
            part.terms = part._describe_terms()

    def _describe_terms(self):
        """When the part is due, in words."""
        if self.trigger == "date":
            return format_date(self.env, self.fixed_date) if self.fixed_date else ""
        texts = {
            ("confirmation", False): self.env._("%s days after confirmation", self.days),
            ("confirmation", True): self.env._("%s days after the month of confirmation", self.days),
            ("delivery", False): self.env._("%s days after delivery", self.days),
            ("delivery", True): self.env._("%s days after the month of delivery", self.days),
        }
        if not self.days and not self.end_of_month:
            return (
                self.env._("at confirmation") if self.trigger == "confirmation"
                else self.env._("at delivery")
            )
        if self.days < 0 and not self.end_of_month:
            return (
                self.env._("%s days before delivery", -self.days) if self.trigger == "delivery"
                else self.env._("%s days before confirmation", -self.days)
            )
        return texts.get((self.trigger, self.end_of_month), "")

    def _describe(self):
        """What for, how much and when, in words of the environment's language."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return self.env._(
            "%(kind)s %(percent)s %%: %(terms)s",
            kind=kinds.get(self.kind, ""), percent=f"{self.percent:g}", terms=self._describe_terms(),
        )

    # === CHECKS === #

    @api.constrains("percent", "trigger", "fixed_date")
    def _check_part(self):
        for part in self:
            if not 0 < part.percent <= 100:
                raise ValidationError(self.env._("A share of a schedule is above 0 % and at most 100 %."))
            if part.trigger == "date" and not part.fixed_date:
                raise ValidationError(self.env._("Say on which date the part is due."))

    def _check_sum(self, name):
        """Refuse parts that don't come to the whole. An empty schedule is none.

        :param name: what the parts belong to
        :raise ValidationError: with the sum
        """
        total = round(sum(self.mapped("percent")), 4)
        if self and total != 100:
            raise ValidationError(self.env._(
                "The shares of %(name)s come to %(total)s %%. They must come to 100 %%.",
                name=name, total=f"{total:g}"))

    # === HELPERS === #

    def _get_agreed(self):
        """The part as plain values, in the order of ``rules.schedule.Agreed``."""
        is_dated = self.trigger == "date"
        return [
            self.kind,
            self.percent,
            self.trigger,
            0 if is_dated else self.days,
            not is_dated and self.end_of_month,
            fields.Date.to_string(self.fixed_date) if is_dated and self.fixed_date else None,
        ]

    def _prepare_part_vals(self):
        """Values for a row of another schedule with the same terms."""
        return {
            "sequence": self.sequence,
            "kind": self.kind,
            "percent": self.percent,
            "trigger": self.trigger,
            "days": self.days,
            "end_of_month": self.end_of_month,
            "fixed_date": self.fixed_date,
        }
