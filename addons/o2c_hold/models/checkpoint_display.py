from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from .hold import BLOCKING

TONES = {"observe": "secondary", "warn": "info", "hold": "warning", "forbid": "danger"}


class CheckpointDisplay(models.AbstractModel):
    """What a document shows of its holds."""

    _name = "o2c.checkpoint.display.mixin"
    _description = "Holds on the Screen"

    # Names of fields whose change on the screen is worth another look.
    _o2c_banner_depends = ()

    o2c_hold_ids = fields.One2many("o2c.hold", string="Holds on it", readonly=True, copy=False)
    o2c_is_on_hold = fields.Boolean(
        string="On hold",
        compute="_compute_o2c_holds",
        search="_search_o2c_is_on_hold",
        compute_sudo=True,
        help="A control stopped the document, and nobody has released it.",
    )
    o2c_hold_count = fields.Integer(string="Holds", compute="_compute_o2c_holds", compute_sudo=True)
    o2c_can_ask_release = fields.Boolean(compute="_compute_o2c_hold_banner", compute_sudo=True)
    o2c_hold_banner = fields.Html(
        string="Controls",
        compute="_compute_o2c_hold_banner",
        compute_sudo=True,
        sanitize=False,
        help="Why the document waits or would wait, with the figures and what to do.",
    )

    # === COMPUTES === #

    @api.depends("o2c_hold_ids.state")
    def _compute_o2c_holds(self):
        for record in self:
            states = set(record.o2c_hold_ids.mapped("state"))
            record.o2c_hold_count = sum(hold.state != "observed" for hold in record.o2c_hold_ids)
            record.o2c_is_on_hold = bool(BLOCKING & states)

    @api.model
    def _search_o2c_is_on_hold(self, operator, value):
        if operator != "in":
            return NotImplemented
        # The hold says that the document waits; whoever may read the document may know that.
        domain = Domain("o2c_hold_ids", "any!", [("state", "in", tuple(BLOCKING))])
        return domain if True in value else ~domain

    @api.depends(lambda self: (*self._o2c_banner_depends, "o2c_hold_ids.state"))
    @api.depends_context("uid", "lang")
    def _compute_o2c_hold_banner(self):
        may_ask = self._may_ask_o2c_release()
        for record in self:
            decisions = record._get_o2c_preview()
            record.o2c_hold_banner = record._render_o2c_banner(decisions)
            record.o2c_can_ask_release = may_ask and any(
                judgement.effect == "hold" and record._is_o2c_askable(decision, judgement)
                for decision in decisions
                for judgement in decision.stopping
            )

    # === HELPERS === #

    @api.model
    def _may_ask_o2c_release(self):
        """Whether the user asks for releases at all: those who write such documents, and credit officers."""
        user_env = self.sudo(False).browse()
        return user_env.has_access("write") or self.env.user.has_group("o2c_base.group_credit_officer")

    def _get_o2c_preview(self):
        """Decisions to show: what would happen if the next step were taken now."""
        self.ensure_one()
        return self._decide_o2c() if self._is_o2c_before_step() else []

    def _is_o2c_before_step(self, checkpoint=None):
        """Whether the document still has to pass its checkpoint."""
        return False

    def _is_o2c_askable(self, decision, judgement):
        hold = decision.holds.get(judgement.code)
        return not hold or hold.state != "requested"

    def _render_o2c_banner(self, decisions):
        shown = [
            self._prepare_o2c_reason(decision, judgement)
            for decision in decisions
            for judgement in decision.judgements
            if self._is_o2c_shown(judgement)
        ]
        if self._is_o2c_free_again(decisions):
            shown.append(self._prepare_o2c_free_reason())
        if not shown:
            return False
        return self.env["ir.qweb"]._render("o2c_hold.banner", {"reasons": shown})

    def _is_o2c_free_again(self, decisions):
        """Whether the document has a hold although nothing would stop it now: nobody has tried again."""
        return any(
            not decision.stopping and any(hold.state in BLOCKING for hold in decision.holds.values())
            for decision in decisions
        )

    def _prepare_o2c_free_reason(self):
        return {
            "name": self.env._("Nothing stops it any more"),
            "message": self.env._("The figures allow the next step now."),
            "advice": self.env._("Take it again, or press Recheck on the hold."),
            "status": False,
            "tone": "info",
            "figures": [],
        }

    def _is_o2c_shown(self, judgement):
        """What a control merely observes is shown to the people of the suite, not to everybody."""
        if judgement.effect == "observe":
            return self.env.user.has_group("o2c_base.group_o2c_user")
        return judgement.effect != "none"

    def _prepare_o2c_reason(self, decision, judgement):
        """Values of one reason for the banner."""
        release = decision.released.get(judgement.code)
        hold = decision.holds.get(judgement.code)
        control = self.env["o2c.control"].sudo().browse(judgement.setting.control_id)
        message = judgement.verdict.message
        return {
            "name": control.name,
            "message": message[:1].upper() + message[1:],
            "advice": control.advice if judgement.stops and not release else False,
            "status": self._get_o2c_reason_status(judgement, hold, release),
            "tone": "success" if release else TONES[judgement.effect],
            "figures": self.env["o2c.hold"]._format_evidence(
                judgement.verdict.evidence, decision.document.company_id.currency_id
            ),
        }

    def _get_o2c_reason_status(self, judgement, hold, release):
        if release:
            return self.env._("Released until %s", format_date(self.env, release.released_until))
        if judgement.effect == "observe":
            return self.env._("Observed only")
        if judgement.effect == "warn":
            return self.env._("Warning")
        if judgement.effect == "forbid":
            return self.env._("Nobody can release it")
        if hold and hold.state in BLOCKING:
            return hold._get_state_labels()[hold.state]
        return self.env._("Will wait for a release")

    # === ACTIONS === #

    def action_o2c_open_holds(self):
        """Show the holds of the document, with the rights of the user."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_hold.o2c_hold_action_all")
        action["domain"] = [("id", "in", self.sudo().o2c_hold_ids.ids)]
        action["context"] = {"create": False}
        return action

    def action_o2c_ask_release(self):
        """Open the dialogue in which a release of this document is asked for."""
        self.ensure_one()
        if not self.env.user.has_group("o2c_base.group_credit_officer"):
            self.check_access("write")
        self.check_access("read")
        holds = self.env["o2c.hold"]._open_for_request(self)
        return holds.action_ask_release()
