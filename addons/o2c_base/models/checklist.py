"""The set-up checklist: what a consultant has to do before a company relies on the suite."""

from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

# Roles that decide on something; the policy administrator and the auditor are asked for, too.
ROLES = (
    "group_credit_officer",
    "group_credit_manager",
    "group_finance_director",
    "group_general_manager",
    "group_policy_administrator",
    "group_auditor",
)
VERIFY_DAYS = 8


class Finding(NamedTuple):
    """State of one item as it is now: ``done``, ``attention`` (works, but look) or ``todo``."""

    state: str
    text: str


class Checklist(models.Model):
    """One item: what to set up, why it matters, whether it is done in the current company.

    A module adds a data record and a method ``_get_finding_<code>(company)`` that returns a
    ``Finding``. Nothing is ticked by hand: the state is measured whenever somebody looks.
    """

    _name = "o2c.checklist"
    _description = "Item of the Set-up Checklist"
    _order = "section, sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Names the method that looks whether it is done.")
    section = fields.Selection(
        [
            ("1_people", "People"),
            ("2_rules", "Rules"),
            ("3_customers", "Customers"),
            ("4_operation", "Operation"),
        ],
        required=True,
        default="2_rules",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Items that a company does not need can be hidden.")
    why = fields.Text(string="Why it matters", translate=True)
    action_id = fields.Many2one("ir.actions.act_window", string="Opens", ondelete="set null")

    state = fields.Selection(
        [("done", "Done"), ("attention", "Look at it"), ("todo", "To do")], compute="_compute_state"
    )
    finding = fields.Text(compute="_compute_state", help="What was found in the current company just now.")

    _code_uniq = models.UniqueIndex("(code)", "The code of an item must be unique.")

    # === COMPUTES === #

    @api.depends_context("company", "lang")
    @api.depends("code")
    def _compute_state(self):
        for item in self:
            finding = item._get_finding()
            item.state = finding.state
            item.finding = finding.text

    def _get_finding(self):
        """Look now. As superuser: who may read the list learns counts, whatever else he may read."""
        company = self.env.company
        find = getattr(self.sudo().with_company(company), f"_get_finding_{self.code}", None)
        return find(company) if find else Finding("attention", self.env._("Nothing looks after this item."))

    # === ACTIONS === #

    def action_open(self):
        """Open the screen on which the item is set up, with the rights of the user."""
        self.ensure_one()
        self.check_access("read")
        action = self.sudo().action_id
        if not action:
            return False
        self.env[action.res_model].check_access("read")
        return action._get_action_dict()

    @api.model
    def action_print(self):
        """Print all items as they are now."""
        if not self.has_access("read"):
            raise AccessError(self.env._("The checklist is for policy administrators and auditors."))
        return self.env.ref("o2c_base.checklist_report").report_action(self.search(Domain.TRUE))

    # === BUSINESS METHODS === #

    @api.model
    def _get_overview_data(self, code):
        """How many items are not done."""
        states = self.search(Domain.TRUE).mapped("state")
        open_count = sum(state != "done" for state in states)
        return {
            "count": open_count,
            "caption": self.env._(
                "%(done)s of %(all)s items done", done=len(states) - open_count, all=len(states)),
            "tone": "warning" if open_count else "muted",
        }

    @api.model
    def _find_policy(self, model, company):
        """Whether a dated policy for everybody is in force; for findings of modules with policies."""
        policies = self.env[model]
        found = policies._match(company, self.env["res.partner"])
        if found:
            return Finding("done", self.env._(
                "%(policy)s has been in force since %(start)s.",
                policy=found.display_name, start=found.date_from))
        drafts = policies.search_count(
            [("company_id", "in", company.parent_ids.ids), ("state", "=", "draft")])
        return Finding("todo", self.env._(
            "No policy applies to everybody. Drafts that could be put in force: %s.", drafts))

    # === FINDINGS === #

    @api.model
    def _get_finding_roles(self, company):
        """Each role has an active holder who works for the company."""
        groups = [self.env.ref(f"o2c_base.{role}") for role in ROLES]
        empty = [group for group in groups if not self._get_holders(group, company)]
        if empty:
            names = ", ".join(group.full_name for group in empty)
            return Finding("todo", self.env._("Nobody holds: %s", names))
        return Finding("done", self.env._("Each of the %s roles has a holder.", len(groups)))

    @api.model
    def _get_holders(self, group, company):
        """Active employees of the company who hold a role."""
        return group.all_user_ids.filtered(
            lambda user: user.active and not user.share and company in user.company_ids)

    @api.model
    def _get_finding_timezone(self, company):
        """Days begin at midnight of the company, so its time zone must be known."""
        text = self.env._(
            "Days change at midnight of %(tz)s; it is %(now)s there now.",
            tz=company.o2c_tz or "UTC", now=company._o2c_now().strftime("%Y-%m-%d %H:%M"))
        return Finding("done" if company.o2c_tz and company.o2c_tz != "UTC" else "attention", text)

    @api.model
    def _get_finding_seal(self, company):
        """The register was verified lately, and nothing was wrong."""
        last = self.env["o2c.register"].search([("event", "=", "register_verified")], limit=1)
        if not last:
            return Finding("todo", self.env._("The register was never verified."))
        if (last.evidence or {}).get("findings"):
            return Finding("todo", last.message)
        since = fields.Datetime.now() - timedelta(days=VERIFY_DAYS)
        text = self.env._("%(day)s: %(message)s", day=last.date.date(), message=last.message)
        return Finding("done" if last.date >= since else "attention", text)

    @api.model
    def _get_finding_jobs(self, company):
        """The scheduled jobs of the suite are switched on and run."""
        data = self.env["ir.model.data"].search([("model", "=", "ir.cron"), ("module", "=like", "o2c\\_%")])
        jobs = self.env["ir.cron"].with_context(active_test=False).browse(data.mapped("res_id")).exists()
        off = jobs.filtered(lambda job: not job.active)
        if off:
            return Finding("todo", self.env._("Switched off: %s", ", ".join(off.mapped("name"))))
        late = jobs.filtered(lambda job: job.nextcall < fields.Datetime.now() - timedelta(days=1))
        if late:
            return Finding("attention", self.env._(
                "Late by more than a day: %s. Does the server run scheduled jobs?",
                ", ".join(late.mapped("name"))))
        return Finding("done", self.env._("All %s jobs run.", len(jobs)))
