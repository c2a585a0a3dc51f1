from odoo import api, models

from .hold import BLOCKING


class Hold(models.Model):
    """Looking at waiting documents again, and letting them go on."""

    _inherit = "o2c.hold"

    @api.model
    def _recheck_partner(self, partners, company=None):
        """Have the holds of customers looked at again within a minute.

        Cheap enough to call for every payment: nothing is read or written here, and at the end of the
        transaction one statement finds out whether these customers, or companies of their corporate
        groups, have something waiting.
        :param company: kept for callers that know it; holds of other companies are looked at as well
        """
        if partners:
            self.env["o2c.hold.recheck"]._collect(partners.ids)

    @api.model
    def _get_waiting(self, partner_id, company_id):
        """Holds of a customer that wait or were released for a document that was asked for, oldest first."""
        domain = [
            ("partner_id", "=", partner_id),
            ("company_id", "=", company_id),
            "|",
            ("state", "in", tuple(BLOCKING)),
            "&",
            ("state", "=", "released"),
            ("confirm_requested", "=", True),
        ]
        return self.search(domain, order="opened_on, id")

    def _recheck(self):
        """Judge the documents of these holds again; close, refresh, and let go what may go."""
        for (model, checkpoint), holds in self.grouped(
            lambda hold: (hold.res_model, hold.checkpoint)
        ).items():
            documents = self.env[model].browse(dict.fromkeys(holds.mapped("res_id")))
            present = documents.exists()
            holds.filtered(lambda hold, ids=set(present.ids): hold.res_id not in ids)._close(
                self.env._("The document was deleted.")
            )
            waiting = present.filtered(lambda document, point=checkpoint: document._is_o2c_before_step(point))
            (holds.filtered(lambda hold, ids=set((present - waiting).ids): hold.res_id in ids))._finish()
            for document in waiting:
                document._recheck_o2c(checkpoint)

    def _finish(self):
        """The document took its step, or was cancelled: nothing waits any more."""
        self._close(self.env._("The document does not wait any more."))
        asked = self.filtered("confirm_requested")
        if asked:
            asked._guarded_write({"confirm_requested": False})

    def _refresh(self):
        """Bring figures of a hold up to date before something is decided on them."""
        for hold in self:
            document = hold._get_document()
            decisions = document._decide_o2c(hold.checkpoint)
            if not any(hold.code in [j.code for j in decision.stopping] for decision in decisions):
                continue
            self._store_decisions(decisions, asked=False, step=False)
