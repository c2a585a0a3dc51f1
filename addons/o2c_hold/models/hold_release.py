from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .decision import is_above
from .hold import BLOCKING

# Releases of a company that are ended before the job commits.
BATCH = 500


class Hold(models.Model):
    """The way out of a hold: an approved exception, with a ceiling and an end."""

    _inherit = "o2c.hold"

    _approval_kind = "hold_release"

    requested_by_id = fields.Many2one(
        "res.users", string="Release asked by", readonly=True, ondelete="restrict"
    )
    requested_reason = fields.Text(string="Reason for release", readonly=True)
    requested_until = fields.Date(string="Release asked until", readonly=True)
    requested_excess = fields.Monetary(string="Excess asked for", readonly=True)
    requested_amount = fields.Monetary(string="Amount asked for", readonly=True)
    requested_degree = fields.Float(string="Degree asked for", readonly=True, aggregator=None)
    released_until = fields.Date(readonly=True, help="Last day on which the release counts.")
    released_excess = fields.Monetary(
        string="Released up to excess",
        readonly=True,
        help="The release lapses when the total excess is greater.",
    )
    released_amount = fields.Monetary(
        string="Released up to amount",
        readonly=True,
        help="The release lapses when the order becomes greater.",
    )
    released_degree = fields.Float(
        string="Released up to degree",
        readonly=True,
        aggregator=None,
        help="Where the rule is no amount, such as days to pay: the release covers no more."
        " 0: it was not kept.",
    )
    released_deviation = fields.Float(
        string="Deviation allowed (%)",
        readonly=True,
        help="The release covers excess and amount that grow by no more than this.",
    )
    released_on = fields.Datetime(readonly=True)
    change_id = fields.Many2one(
        "o2c.order.change",
        string="Released by change",
        readonly=True,
        ondelete="restrict",
        help="The approved change of the order that this release was given for.",
    )

    # === ASKING === #

    def action_ask_release(self):
        """Open the dialogue that asks for a release of these holds."""
        self._check_may_act()
        self._check_askable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for release"),
            "res_model": "o2c.hold.release",
            "view_mode": "form",
            "target": "new",
            "context": {"default_hold_ids": [(6, 0, self.ids)]},
        }

    @api.model
    def _open_for_request(self, document):
        """Holds of a document for which a release can be asked, opened where it only would be stopped.

        :raise UserError: when nothing stops it, or nothing of it can be released
        """
        decisions = document._decide_o2c()
        self._store_decisions(decisions, asked=False, step=False)
        holds = self.search(
            [
                ("res_model", "=", document._name),
                ("res_id", "=", document.id),
                ("state", "in", tuple(BLOCKING)),
            ]
        )
        if not holds:
            raise UserError(
                self.env._("Nothing stops %s: there is nothing to release.", document.display_name)
            )
        askable = holds.filtered(lambda hold: hold.state != "requested" and hold.severity != "forbid")
        return askable or holds

    def _request_release(self, reason, until):
        """Submit holds for release.

        :param reason: why the exception should be made, in the words of the one who asks
        :param until: last day on which the release shall count
        """
        self._check_may_act()
        self._check_askable()
        for hold in self.sudo():
            document = hold._get_document()
            hold._refresh()
            hold._move_state(
                "requested",
                message=lambda hold: self.env._(
                    "Release requested. %(hold)s. %(reason)s", hold=hold.display_name, reason=reason
                ),
                vals={
                    "requested_by_id": self.env.uid,
                    "requested_reason": reason,
                    "requested_until": until,
                    "requested_excess": hold.excess,
                    "requested_degree": hold.degree,
                    "requested_amount": hold._get_scope_amount(document),
                },
                event="release_requested",
                evidence=self._get_figures,
            )
            hold._submit_for_approval(reason)

    def _check_askable(self):
        for hold in self:
            if hold.severity == "forbid":
                raise UserError(
                    self.env._(
                        "%(hold)s. Nobody can release it. %(advice)s",
                        hold=hold.display_name,
                        advice=hold.advice or "",
                    )
                )
            if hold.state not in ("open", "refused", "lapsed"):
                state = self._get_state_labels()[hold.state]
                raise UserError(
                    self.env._(
                        "%(hold)s is %(state)s: no release can be asked for.",
                        hold=hold.display_name,
                        state=state,
                    )
                )

    # === APPROVAL: what is asked for === #

    def _get_approval_amount(self):
        """The total excess over the rule; the whole document where the rule is no amount."""
        return self.requested_excess or self.requested_amount

    def _get_approval_partner(self):
        return self.partner_id

    def _get_approval_excluded_users(self):
        document = self._get_document()
        order = self.order_id
        return (
            super()._get_approval_excluded_users()
            | self.requested_by_id
            | self.confirm_user_id
            | document.create_uid
            | order.user_id
            | order.create_uid
        )

    def _get_approval_related(self):
        """Order, delivery and invoice: who confirmed the order as a salesperson does not release it."""
        hold = self.sudo()
        return [document for document in (hold.order_id, hold.picking_id, hold.move_id) if document]

    def _get_approval_fingerprint(self):
        """Debtor, order and code as they are; excess and amount only where they got worse.

        An order that shrinks, or a customer who pays while somebody thinks about it, must not make the
        request lapse; one cent more must.
        """
        self.ensure_one()
        hold = self.sudo()
        document = hold._get_document()
        currency = hold.currency_id
        return {
            "debtor": document._get_o2c_debtor().id if document else 0,
            "company": hold.company_id.id,
            "document": f"{hold.res_model},{hold.res_id}",
            "code": hold.code,
            "until": str(hold.requested_until),
            "excess": round(hold.requested_excess, 2),
            "amount": round(hold.requested_amount, 2),
            "worse": not document
            or hold._is_worse_now(document)
            or is_above(hold._get_scope_amount(document.sudo()), hold.requested_amount, currency),
        }

    def _is_worse_now(self, document):
        """Whether the rule is broken by more than what was asked for."""
        verdict = self._get_current_verdict(document)
        if not verdict:
            return False
        # A request from before degrees were kept has none.
        is_further = bool(self.requested_degree) and verdict.degree > self.requested_degree
        return is_further or is_above(verdict.excess, self.requested_excess, self.currency_id)

    def _get_current_verdict(self, document):
        judgement = next(
            (
                judgement
                for judgement in document._as_o2c_judge()._judge_o2c(self.checkpoint)[document.id]
                if judgement.code == self.code
            ),
            None,
        )
        return judgement.verdict if judgement else None

    def _get_approval_summary(self):
        return self.env["ir.qweb"]._render("o2c_hold.release_summary", {"hold": self.sudo()})

    def _get_release_deviation(self):
        """Percent by which excess and amount may grow before a release lapses. Hook of policies."""
        self.ensure_one()
        return 0.0

    @api.model
    def _get_release_day(self, holds):
        """Last day of a release of ``holds`` for which nobody chose another. Hook of policies."""
        company = holds.company_id[:1] or self.env.company
        return company._o2c_get_release_day()

    # === APPROVAL: answers === #

    def _on_request_approved(self, request):
        super()._on_request_approved(request)
        for hold in self.sudo():
            hold._move_state(
                "released",
                message=lambda hold: self.env._(
                    "Released until %(until)s. %(hold)s.", until=hold.requested_until, hold=hold.display_name
                ),
                vals={
                    "released_until": hold.requested_until,
                    "released_excess": hold.requested_excess,
                    "released_degree": hold.requested_degree,
                    "released_amount": hold.requested_amount,
                    "released_deviation": hold._get_release_deviation(),
                    "released_on": fields.Datetime.now(),
                },
                event="hold_released",
                evidence=self._get_figures,
            )
            if hold.confirm_requested:
                self._recheck_partner(hold.partner_id, hold.company_id)
            else:
                hold._get_document()._tell_o2c_free(self.env._("The release was approved."))

    def _on_request_rejected(self, request):
        super()._on_request_rejected(request)
        for hold in self.sudo():
            hold._move_state(
                "refused",
                message=lambda hold: self.env._("Release refused. %s", hold.display_name),
                event="release_refused",
                evidence=self._get_figures,
            )
            hold._get_document()._tell_o2c(
                self.env._("The release was refused: %s", request.closing_comment or "")
            )

    def _on_request_lapsed(self, request):
        super()._on_request_lapsed(request)
        pending = self.sudo().filtered(lambda hold: hold.state == "requested")
        pending._lapse(self.env._("The document changed after the release was asked for."))

    def _on_request_withdrawn(self, request):
        super()._on_request_withdrawn(request)
        self.sudo().filtered(lambda hold: hold.state == "requested")._move_state(
            "open",
            message=lambda hold: self.env._("Request for release withdrawn. %s", hold.display_name),
            event="hold_opened",
            evidence=self._get_figures,
        )

    # === CHANGES OF ORDERS === #

    @api.model
    def _release_for_change(self, change, hold_vals):
        """Release an order for what an approved change breaks: up to what was approved, and no more.

        :param hold_vals: figures of each hold by code, as the order would be
        """
        for code, vals in hold_vals.items():
            hold = self.sudo().search(
                [
                    ("order_id", "=", change.order_id.id),
                    ("res_model", "=", "sale.order"),
                    ("checkpoint", "=", "order"),
                    ("code", "=", code),
                ]
            ) or self.sudo()._create_holds([{**vals, "state": "open"}])
            pending = hold.o2c_request_id.filtered(lambda request: request.state == "pending")
            hold._move_state(
                "released",
                message=lambda hold: self.env._(
                    "Released until %(until)s by %(change)s. %(hold)s.",
                    until=change.valid_until,
                    change=change.name,
                    hold=hold.display_name,
                ),
                vals={
                    **vals,
                    **self._prepare_release_of_change(change, change.found[code]),
                    "requested_degree": vals["degree"],
                    "released_degree": vals["degree"],
                    "released_deviation": hold._get_release_deviation(),
                },
                event="hold_released",
                evidence=self._get_figures,
            )
            pending._lapse(self.env._("A change of the order was approved meanwhile."))

    @api.model
    def _prepare_release_of_change(self, change, excess):
        return {
            "change_id": change.id,
            "requested_by_id": change.requested_by_id.id,
            "requested_reason": change.reason,
            "requested_until": change.valid_until,
            "requested_excess": excess,
            "requested_amount": change.amount_after,
            "released_until": change.valid_until,
            "released_excess": excess,
            "released_amount": change.amount_after,
            "released_on": fields.Datetime.now(),
        }

    # === CRON === #

    @api.model
    def _lapse_expired(self, limit=None):
        """End releases whose last day is over in their company.

        :param limit: most releases of a company
        :return: how many
        """
        total = 0
        for company in self.env["res.company"].sudo().search(Domain.TRUE):
            expired = self.sudo().search(
                [
                    ("state", "=", "released"),
                    ("company_id", "=", company.id),
                    ("released_until", "<", company._o2c_today()),
                ],
                limit=limit,
            )
            expired._lapse(self.env._("Its last day is over."))
            total += len(expired)
        return total

    @api.model
    def _cron_lapse(self):
        """End releases whose last day is over, and have everything that waits looked at once a day:
        time itself frees customers, and a rolled back part of a transaction can forget to name one."""
        while done := self._lapse_expired(BATCH):
            if not self.env["ir.cron"]._commit_progress(done):
                return
        waiting = self.sudo()._read_group([("state", "in", tuple(BLOCKING))], ["partner_id"])
        self._recheck_partner(self.env["res.partner"].union(*(partner for [partner] in waiting)))
