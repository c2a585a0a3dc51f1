from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .hold import BLOCKING


class CheckpointMixin(models.AbstractModel):
    """What a document does when nothing stops it any more."""

    _inherit = "o2c.checkpoint.mixin"

    def _recheck_o2c(self, checkpoint):
        """Judge one document again; if nothing stops it, take the step or tell somebody."""
        self.ensure_one()
        Hold = self.env["o2c.hold"]
        decisions = self._decide_o2c(checkpoint)
        before = {
            hold for decision in decisions for hold in decision.holds.values() if hold.state in BLOCKING
        }
        Hold._store_decisions(decisions, asked=False, step=False)
        if not decisions:
            # The control was switched off: nobody judges, so nothing waits.
            Hold.sudo().search(
                [("res_model", "=", self._name), ("res_id", "=", self.id), ("checkpoint", "=", checkpoint)]
            )._close(self.env._("The control does not look at it any more."))
        if any(decision.stopping for decision in decisions):
            return
        asked = Hold.sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("checkpoint", "=", checkpoint),
                ("confirm_requested", "=", True),
            ],
            order="write_date desc, id desc",
        )
        asked._guarded_write({"confirm_requested": False})
        if asked and self._is_o2c_self_resuming(checkpoint):
            self._resume_o2c(asked[0].confirm_user_id)
        elif asked or before:
            self._tell_o2c_free(self.env._("Nothing stops it any more."))

    def _is_o2c_self_resuming(self, checkpoint):
        """Whether the document takes its step by itself once somebody had asked for it."""
        return False

    def _resume_o2c(self, user):
        """Take the step as the person who asked; outsiders and people who left act through the system."""
        is_colleague = user and user.active and user._is_internal()
        document = self.with_user(user) if is_colleague else self.sudo().with_user(api.SUPERUSER_ID)
        document = document.with_company(self.company_id)
        try:
            with self.env.cr.savepoint():
                document._take_o2c_step(from_outside=not is_colleague)
        except (UserError, AccessError) as error:
            self._tell_o2c_free(self.env._("It could not be confirmed automatically: %s", error))

    def _take_o2c_step(self, *, from_outside):
        raise NotImplementedError

    # === TELLING === #

    def _tell_o2c_stop(self, decision):
        """Note on the document why it waits, and give the responsible person something to do."""
        text = decision.document._get_o2c_stop_text(decision)
        self._note_o2c(text)
        responsible = decision.document._get_o2c_responsible()
        if responsible and responsible != self.env.user:
            self._schedule_o2c_activity(responsible, self.env._("On hold"), text)

    def _tell_o2c_free(self, text):
        """Nothing stops the document any more, but it does not go on by itself."""
        self._note_o2c(text)
        self._clear_o2c_activities()
        responsible = self.sudo()._get_o2c_responsible()
        if responsible:
            self._schedule_o2c_activity(responsible, self.env._("No longer on hold"), text)

    def _tell_o2c(self, text):
        """Tell the responsible person something about a document that still waits."""
        self._note_o2c(text)
        responsible = self.sudo()._get_o2c_responsible()
        if responsible:
            self._schedule_o2c_activity(responsible, self.env._("On hold"), text)

    def _note_o2c(self, text):
        # The system speaks: the acting user may be a customer on the portal.
        self.sudo().with_user(api.SUPERUSER_ID).message_post(body=text, subtype_xmlid="mail.mt_note")

    def _schedule_o2c_activity(self, user, summary, note):
        document = self.sudo().with_user(api.SUPERUSER_ID)
        document._clear_o2c_activities()
        document.activity_schedule(
            "o2c_hold.mail_activity_type_hold",
            date_deadline=fields.Date.context_today(document),
            summary=summary,
            note=note,
            user_id=user.id,
        )

    def _clear_o2c_activities(self):
        self.sudo().activity_unlink(["o2c_hold.mail_activity_type_hold"])

    def _get_o2c_responsible(self):
        """Who takes care: salesperson, leader of the sales team, or the colleague who made the document."""
        candidates = [self._get_o2c_salesperson(), self._get_o2c_team().user_id, self.create_uid]
        for user in candidates:
            if user and user.active and user._is_internal() and user.id != api.SUPERUSER_ID:
                return user
        return self._get_o2c_fallback_responsible()

    def _get_o2c_fallback_responsible(self):
        """A credit officer of the company, where a document has nobody."""
        officers = self.env.ref("o2c_base.group_credit_officer").sudo().all_user_ids
        return officers.filtered(
            lambda user: user.active and self.company_id in user.company_ids and user.id != api.SUPERUSER_ID
        )[:1]
