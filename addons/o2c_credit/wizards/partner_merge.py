from datetime import timedelta

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain

from ..rules.strictest import Terms, strictest

# What belongs to the customer that owes, even where a contact stays.
OF_DEBTOR = ("o2c.credit.limit", "o2c.credit.application", "o2c.credit.score", "o2c.credit.guarantee")


class PartnerMerge(models.TransientModel):
    """Merging customers keeps the histories of all, and never raises a limit.

    Odoo's merge rewires foreign keys by SQL. Each day's terms would then be those of whichever row
    came last, so the stricter terms are written on top, until somebody has reviewed them.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Keep files and terms of all; whoever owes something is merged by a credit officer only."""
        src_partners._check_o2c_debtor_right()
        target = dst_partner.sudo().commercial_partner_id
        plans = self._plan_terms(src_partners.sudo() | target)
        self.env["o2c.credit.file"]._merge_files(dst_partner, src_partners)
        shown = target._get_o2c_shown()
        self._drop_profiles(src_partners)
        self._close_watches(src_partners, target)
        super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        target._log_o2c_shown(shown)
        self._move_to_debtor(dst_partner, target)
        for company, rows in plans.items():
            self._write_terms(company, target, src_partners, rows)
        self.env["o2c.hold"]._recheck_partner(target)

    # === BEFORE === #

    @api.model
    def _plan_terms(self, partners):
        """Rows to write: ``{company: [values]}`` of companies where several of the customers got terms."""
        limits = self.env["o2c.credit.limit"].sudo().search([("partner_id", "in", partners.ids)])
        plans = {}
        for company in limits.company_id:
            own = limits.filtered(lambda limit, company=company: limit.company_id == company)
            sides = own.partner_id
            if len(sides) > 1:
                plans[company] = self._plan_company(company, sides, own)
        return plans

    @api.model
    def _plan_company(self, company, sides, limits):
        """The strictest terms from today on: a row for each day on which those of a customer begin or end,
        since a row that begins later would count before an earlier one."""
        rows, was_suspended = [], False
        for day in self._get_days(company, limits):
            found = [terms for side in sides if (terms := self._get_side(company, side, limits, day))]
            if found:
                rows.append(self._prepare_regular_vals(company, strictest(found), day))
            is_suspended = any(limits._get_suspension(company, side, day) for side in sides)
            if is_suspended and not was_suspended:
                rows.append(self._prepare_vals(company, day, kind="suspension"))
                was_suspended = True
        return rows

    @api.model
    def _get_days(self, company, limits):
        """Today, and the days to come on which rows begin or have ended."""
        today = company._o2c_today()
        changes = {limit.date_from for limit in limits}
        changes |= {limit.date_to + timedelta(days=1) for limit in limits if limit.date_to}
        return sorted({today, *(day for day in changes if day > today)})

    @api.model
    def _get_side(self, company, side, limits, day):
        """Terms of one customer on a day, or ``None`` if it never got any until then."""
        mine = limits.filtered(
            lambda limit: limit.partner_id == side and limit.kind == "regular" and limit.date_from <= day
        )
        if not mine:
            return None
        valid = limits._get_terms(company, side, day)
        terms = valid or mine.sorted(lambda limit: (limit.date_from, limit.id))[-1]
        return Terms(
            amount=valid._get_amount_in_company(day),
            grade=self._get_rank(terms.grade_id),
            is_cash_only=terms.is_cash_only,
            tolerance=terms.tolerance,
            period_days=terms.period_days,
            payment_term=terms.payment_term_id.id or None,
            deposit=terms.deposit,
            cover=terms.cover,
            review_date=terms.review_date or None,
        )

    @api.model
    def _get_rank(self, grade):
        """Place of a grade among all, best first; ``None`` without one."""
        return self._get_grades().ids.index(grade.id) if grade else None

    @api.model
    def _get_grades(self):
        return self.env["o2c.credit.grade"].sudo().with_context(active_test=False).search(Domain.TRUE)

    @api.model
    def _drop_profiles(self, partners):
        """The rows on which decisions collide mean nothing, and two of one customer can't be."""
        self.env["o2c.credit.profile"].sudo().search([("partner_id", "in", partners.ids)]).unlink()

    @api.model
    def _close_watches(self, partners, target):
        """One customer is watched once: the daily job finds again what there is to watch."""
        watches = self.env["o2c.credit.watch"].sudo()
        found = watches.search([("partner_id", "in", (target | partners).ids), ("state", "=", "open")])
        for company in found.company_id:
            own = found.filtered(lambda watch, company=company: watch.company_id == company)
            double = own - (own.filtered(lambda watch: watch.partner_id == target)[:1] or own[:1])
            today = company._o2c_today()
            double.line_ids.filtered(lambda line: not line.date_to)._guarded_write({"date_to": today})
            double._move_state(
                "closed",
                vals={"closed_on": today},
                message=self.env._("Off the watch list: merged into %s", target.display_name),
            )
            double.activity_ids.unlink()

    # === AFTER === #

    @api.model
    def _move_to_debtor(self, partner, debtor):
        """Terms never belong to a contact: where a contact stays, its company has them."""
        if partner == debtor:
            return
        for model in OF_DEBTOR:
            records = self.env[model].sudo().search([("partner_id", "=", partner.id)])
            records._guarded_write({"partner_id": debtor.id})

    @api.model
    def _write_terms(self, company, customer, merged, rows):
        """Write the planned rows, register them, and ask for a review."""
        vals = [{**row, "partner_id": customer.id} for row in rows]
        limits = self.env["o2c.credit.limit"].sudo()._guarded_create(vals)
        message = self.env._(
            "%(merged)s merged into %(customer)s: the stricter terms stand until they are reviewed",
            merged=", ".join(merged.mapped("name")),
            customer=customer.display_name,
        )
        self.env["o2c.register"]._log_many(
            [
                {
                    "record": limit,
                    "event": "limit_merged",
                    "message": message,
                    "partner": customer,
                    "amount": limit.amount,
                    "currency": limit.currency_id,
                    "company": company,
                    "evidence": {**limit._prepare_evidence(), "merged": merged.ids},
                }
                for limit in limits
            ]
        )
        limits._announce()
        self._ask_for_review(company, customer, message)

    @api.model
    def _ask_for_review(self, company, customer, message):
        """A draft of a review, in nobody's name, with an activity for the credit officer."""
        applications = self.env["o2c.credit.application"].with_user(SUPERUSER_ID)
        draft = applications.create(
            {
                "partner_id": customer.id,
                "company_id": company.id,
                "kind": "review",
                "reason": message,
            }
        )
        officer = draft._get_officer()
        if officer:
            draft.activity_schedule("mail.mail_activity_data_todo", summary=message, user_id=officer.id)

    @api.model
    def _prepare_vals(self, company, day, **vals):
        return {
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            "source": "merge",
            "date_from": day,
            **vals,
        }

    @api.model
    def _prepare_regular_vals(self, company, terms, day):
        return self._prepare_vals(
            company,
            day,
            kind="regular",
            amount=terms.amount,
            grade_id=self._get_grades()[terms.grade].id if terms.grade is not None else False,
            is_cash_only=terms.is_cash_only,
            tolerance=terms.tolerance,
            period_days=terms.period_days,
            payment_term_id=terms.payment_term or False,
            deposit=terms.deposit,
            cover=terms.cover,
            review_date=terms.review_date or False,
        )
