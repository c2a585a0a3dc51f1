from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .credit_subject import get_subject_vals

MEASURES = [
    ("call", "Call"),
    ("review", "Review"),
    ("cut", "Cut the limit"),
    ("suspend", "Suspend"),
]
# What an application calls the measure; a call needs none.
APPLICATION_KINDS = {"review": "review", "cut": "cut", "suspend": "suspension", "call": "review"}


class CreditWatch(models.Model):
    """A customer or corporate group who has to be watched in a company (K4).

    The daily job opens a row when the first trigger of the credit policy appears and closes it when
    the last one is gone; if they come back, that is another row. People look, call and propose
    measures; they neither put customers on the list nor take them off it.
    """

    _name = "o2c.credit.watch"
    _inherit = ["o2c.transition.mixin", "o2c.credit.subject.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Watch list"
    _order = "rank desc, opened_on, id"
    _rec_name = "partner_id"

    _guarded_fields = "*"
    # Follows the customer's salesperson, and decides nothing.
    _guarded_links = ("user_id",)
    _transition_event = "watch_closed"
    _transitions = {"open": ("closed",)}

    partner_id = fields.Many2one(readonly=True, index=True)
    corporate_group_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True, default=None)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [("open", "Watched"), ("closed", "Closed")], required=True, readonly=True, default="open", index=True
    )
    opened_on = fields.Date(required=True, readonly=True)
    closed_on = fields.Date(readonly=True)
    days_open = fields.Integer(compute="_compute_days_open", help="Days on the list.")
    line_ids = fields.One2many("o2c.credit.watch.line", "watch_id", string="Triggers", readonly=True)
    open_line_ids = fields.One2many(
        "o2c.credit.watch.line",
        "watch_id",
        string="Triggers now",
        domain=[("date_to", "=", False)],
        readonly=True,
    )
    trigger_text = fields.Char(string="Why", readonly=True, help="The triggers of the last look.")
    measure = fields.Selection(
        MEASURES,
        string="Proposed measure",
        readonly=True,
        index=True,
        group_expand="_expand_measures",
        help="The hardest that one of the triggers asks for.",
    )
    rank = fields.Integer(readonly=True, help="Order of the measures, the hardest highest.")
    policy_id = fields.Many2one(
        "o2c.credit.policy", string="Credit policy", readonly=True, ondelete="restrict", index=True
    )
    exposure = fields.Monetary(readonly=True, help="At the last change of the triggers.")
    limit_amount = fields.Monetary(
        string="Limit", readonly=True, help="With what guarantees add to it; 0 while suspended."
    )
    overdue = fields.Monetary(readonly=True, help="As the credit policy of the customer counts it.")
    overdue_scheduled = fields.Monetary(
        string="Of it not invoiced",
        readonly=True,
        help="Instalments of orders that are due and not invoiced yet, where the credit policy counts them.",
    )
    oldest_days = fields.Integer(string="Oldest overdue (days)", readonly=True, aggregator="max")
    user_id = fields.Many2one(
        related="partner_id.user_id", string="Salesperson", store=True, index=True, ondelete="set null"
    )
    country_id = fields.Many2one(related="partner_id.country_id")
    application_count = fields.Integer(compute="_compute_application_count", compute_sudo=True)

    _open_uniq = models.UniqueIndex("(company_id, partner_id) WHERE state = 'open'")
    _open_group_uniq = models.UniqueIndex(
        "(company_id, corporate_group_id) WHERE state = 'open' AND corporate_group_id IS NOT NULL"
    )

    # === COMPUTES === #

    @api.depends("partner_id", "corporate_group_id", "state")
    def _compute_display_name(self):
        for watch in self:
            watch.display_name = watch._get_subject().name or ""

    @api.depends("opened_on", "closed_on")
    def _compute_days_open(self):
        for watch in self:
            end = watch.closed_on or (watch.company_id and watch.company_id._o2c_today())
            watch.days_open = (end - watch.opened_on).days if end and watch.opened_on else 0

    def _compute_application_count(self):
        counts = {}
        for watch in self:
            key = (watch._get_subject(), watch.company_id)
            if key not in counts:
                domain = watch._get_subject_domain()
                counts[key] = self.env["o2c.credit.application"].search_count(domain)
            watch.application_count = counts[key]

    @api.model
    def _expand_measures(self, values, domain):
        """Columns of the kanban: the hardest measure first, none that is empty."""
        return [measure for measure, _label in reversed(MEASURES) if measure in values]

    # === ACTIONS === #

    def action_propose(self):
        """Open a draft application with the proposed measure, or the one that is open already.

        :raise AccessError: for everybody but credit officers
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("o2c_base.group_credit_officer"):
            raise AccessError(self.env._("Only a credit officer proposes measures."))
        if self.state != "open":
            raise UserError(self.env._("%s is not watched any more.", self.display_name))
        applications = self.env["o2c.credit.application"]
        application = applications.search(
            [*self._get_subject_domain(), ("state", "in", ("draft", "requested"))], limit=1
        )
        if not application:
            application = applications.create(self._prepare_application_vals())
        return application._get_form_action()

    def action_open_applications(self):
        """Applications about the customer or group."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.credit_application_action")
        return {**action, "domain": self._get_subject_domain(), "context": {}}

    # === BUSINESS METHODS === #

    def _get_subject_domain(self):
        """Documents about the customer or group in the company."""
        self.ensure_one()
        vals = {**get_subject_vals(self._get_subject()), "company_id": self.company_id.id}
        return [(name, "=", value) for name, value in vals.items()]

    def _prepare_application_vals(self):
        """A draft with the proposed measure; what is not decided by a scorecard is left to the officer."""
        self.ensure_one()
        kind = APPLICATION_KINDS[self.measure]
        subject = self._get_subject()
        has_terms = self.env["o2c.credit.limit"]._get_row(self.company_id, subject, ("regular",))
        if not has_terms and kind in ("review", "cut"):
            kind = "first"
        return {
            **get_subject_vals(subject),
            "company_id": self.company_id.id,
            "kind": kind,
            "reason": self.env._("Watch list: %s", self.trigger_text or ""),
        }

    def _prepare_register_vals(self):
        self.ensure_one()
        return {
            "partner": self.partner_id,
            "company": self.company_id,
            "amount": self.exposure,
            "currency": self.currency_id,
            "policy": self.policy_id,
        }

    def _guard_get_hint(self):
        return self.env._("The daily job keeps the watch list by the triggers of the credit policy.")

    @api.model
    def _get_overview_data(self, code):
        """Customers on the list."""
        rows = self._read_group([("state", "=", "open")], ["measure"], ["__count"])
        counts = dict(rows)
        total = sum(counts.values())
        return {
            "count": total,
            "caption": self.env._(
                "%(suspend)s to suspend, %(cut)s to cut",
                suspend=counts.get("suspend", 0),
                cut=counts.get("cut", 0),
            ),
            "tone": "danger" if counts.get("suspend") else "warning" if total else "muted",
        }
