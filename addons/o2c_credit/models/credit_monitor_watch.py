from odoo import api, models

from ..rules.watch import MEASURES, find_triggers, get_hardest
from .credit_watch import MEASURES as LABELS

ACTIVITY_TYPE = "o2c_credit.mail_activity_type_watch"
QUIET = {"mail_create_nolog": True, "mail_create_nosubscribe": True, "mail_activity_quick_update": True}


class CreditMonitor(models.AbstractModel):
    """The watch list: rows open with the first trigger and close with the last."""

    _inherit = "o2c.credit.monitor"

    @api.model
    def _watch(self, company, subjects):
        """Bring the watch list of some customers, or groups, in line with their figures."""
        if not subjects:
            return
        field = subjects[0].field
        watches = self.env["o2c.credit.watch"].search([
            ("company_id", "=", company.id),
            ("state", "=", "open"),
            (field, "in", [subject.record.id for subject in subjects]),
        ])
        open_rows = {watch[field].id: watch for watch in watches}
        thresholds = {subject.policy: self._get_thresholds(subject.policy) for subject in subjects}
        found = [
            (subject, triggers) for subject in subjects
            if subject.policy and (triggers := find_triggers(subject.figures, thresholds[subject.policy]))
        ]
        self._open_watches(company, [
            (subject, triggers) for subject, triggers in found if subject.record.id not in open_rows
        ])
        self._update_watches(company, [
            (open_rows[subject.record.id], subject, triggers)
            for subject, triggers in found if subject.record.id in open_rows
        ])
        kept = {subject.record.id for subject, _triggers in found}
        self._close_watches(company, watches.filtered(lambda watch: watch[field].id not in kept))

    # === OPEN === #

    @api.model
    def _open_watches(self, company, pairs):
        """Put customers or groups on the list, and tell salespersons and officer, once each."""
        if not pairs:
            return
        today = company._o2c_today()
        watches = self.env["o2c.credit.watch"].with_context(**QUIET)._guarded_create([
            {
                **subject.vals,
                "company_id": company.id,
                "opened_on": today,
                **self._prepare_watch_vals(subject, triggers),
            }
            for subject, triggers in pairs
        ])
        self._create_lines([
            (watch, trigger) for watch, (_subject, triggers) in zip(watches, pairs, strict=True)
            for trigger in triggers
        ], today)
        self.env["o2c.register"]._log_many([
            self._prepare_entry(
                watch, "watch_opened", self.env._("On the watch list: %s", watch.trigger_text))
            for watch in watches
        ])
        self._mark_policies(subject for subject, _triggers in pairs)
        self._tell_people(company, watches)

    @api.model
    def _prepare_watch_vals(self, subject, triggers):
        measure = get_hardest(trigger.measure for trigger in triggers)
        figures = subject.figures
        return {
            "trigger_text": self.env["o2c.credit.watch.line"]._describe_triggers(triggers),
            "measure": measure,
            "rank": MEASURES.index(measure),
            "policy_id": subject.policy.id,
            "exposure": figures.exposure,
            "limit_amount": figures.ceiling or 0.0,
            "overdue": figures.overdue,
            "overdue_scheduled": figures.scheduled,
            "oldest_days": figures.oldest_days,
        }

    @api.model
    def _create_lines(self, pairs, today):
        self.env["o2c.credit.watch.line"]._guarded_create([
            {
                "watch_id": watch.id,
                "trigger": trigger.code,
                "figure": trigger.figure,
                "threshold": trigger.threshold,
                "measure": trigger.measure,
                "date_from": today,
            }
            for watch, trigger in pairs
        ])

    @api.model
    def _prepare_entry(self, watch, event, message, evidence=None):
        lines = watch.line_ids.filtered(lambda line: not line.date_to)
        return {
            "record": watch,
            "event": event,
            "message": message,
            **watch._prepare_register_vals(),
            "evidence": {
                "measure": watch.measure,
                "triggers": [
                    {"trigger": line.trigger, "figure": line.figure, "threshold": line.threshold}
                    for line in lines
                ],
                **(evidence or {}),
            },
        }

    @api.model
    def _mark_policies(self, subjects):
        self.env["o2c.credit.policy"].browse({subject.policy.id for subject in subjects})._mark_used()

    # === CHANGE === #

    @api.model
    def _update_watches(self, company, rows):
        """Follow the triggers of watched customers. The register keeps which came and went, not each
        figure of each day."""
        today = company._o2c_today()
        added, entries = [], []
        for watch, subject, triggers in rows:
            lines = {line.trigger: line for line in watch.line_ids if not line.date_to}
            wanted = {trigger.code: trigger for trigger in triggers}
            gone = [line for code, line in lines.items() if code not in wanted]
            new = [trigger for code, trigger in wanted.items() if code not in lines]
            for code in lines.keys() & wanted.keys():
                self._update_line(lines[code], wanted[code])
            for line in gone:
                line._guarded_write({"date_to": today})
            added += [(watch, trigger) for trigger in new]
            self._update_watch(watch, self._prepare_watch_vals(subject, triggers))
            if gone or new:
                entries.append((watch, [line.trigger for line in gone], [one.code for one in new]))
        if added:
            self._create_lines(added, today)
        self.env["o2c.register"]._log_many([
            self._prepare_entry(
                watch, "watch_changed", self.env._("Watch list: %s", watch.trigger_text),
                {"gone": gone, "new": new})
            for watch, gone, new in entries
        ])

    @api.model
    def _update_line(self, line, trigger):
        vals = {"figure": trigger.figure, "threshold": trigger.threshold, "measure": trigger.measure}
        self._write_changed(line, vals)

    @api.model
    def _update_watch(self, watch, vals):
        """Write what differs; a message says when the proposed measure changed."""
        before = watch.measure
        self._write_changed(watch, vals)
        if watch.measure != before:
            labels = dict(watch._fields["measure"]._description_selection(self.env))
            watch.message_post(body=self.env._(
                "Proposed measure: %(before)s, now %(now)s. %(why)s",
                before=labels[before], now=labels[watch.measure], why=watch.trigger_text))

    @api.model
    def _write_changed(self, record, vals):
        changed = {
            name: value for name, value in vals.items()
            if record._fields[name].convert_to_write(record[name], record) != value
        }
        if changed:
            record._guarded_write(changed)

    # === CLOSE === #

    @api.model
    def _close_watches(self, company, watches):
        """Take customers off the list whose last trigger is gone."""
        if not watches:
            return
        today = company._o2c_today()
        watches.line_ids.filtered(lambda line: not line.date_to)._guarded_write({"date_to": today})
        watches._move_state(
            "closed",
            vals={"closed_on": today},
            message=lambda watch: self.env._(
                "Off the watch list after %(days)s days: no trigger is left",
                days=(today - watch.opened_on).days),
        )
        activity_type = self.env.ref(ACTIVITY_TYPE)
        watches.activity_ids.filtered(
            lambda activity: activity.activity_type_id == activity_type).unlink()

    # === PEOPLE === #

    @api.model
    def _tell_people(self, company, watches):
        """One activity for each salesperson and one for the officer of each customer or group."""
        officers = self._get_officers(company, watches.partner_id or watches.corporate_group_id)
        labels = dict(LABELS)
        activity_type = self.env.ref(ACTIVITY_TYPE)
        model_id = self.env["ir.model"]._get_id("o2c.credit.watch")
        self.env["mail.activity"].with_context(**QUIET).create([
            {
                "res_model_id": model_id,
                "res_id": watch.id,
                "activity_type_id": activity_type.id,
                "user_id": user.id,
                "date_deadline": watch.opened_on,
                "summary": self.env._(
                    "Watch list: %s", labels.get(watch.measure)),
                "note": watch.trigger_text,
            }
            for watch in watches
            for user in self._get_concerned(watch, officers)
        ])

    @api.model
    def _get_concerned(self, watch, officers):
        """Salespersons of the customer, or of the group's members, and the officer; each once, and active."""
        users = watch._get_customers().user_id | officers[watch._get_subject().id]
        return users.filtered(lambda user: user.active and not user.share)

    @api.model
    def _get_officers(self, company, subjects):
        """``{id of the customer or group: officer}``: who keeps the credit file, else the company's first
        officer."""
        field = "corporate_group_id" if subjects._name == "o2c.corporate.group" else "partner_id"
        files = self.env["o2c.credit.file"].search([
            ("company_id", "=", company.id), (field, "in", subjects.ids)])
        keepers = {file[field].id: file.officer_id for file in files if file.officer_id}
        group = self.env.ref("o2c_base.group_credit_officer")
        others = self.env["res.users"].search([
            ("all_group_ids", "in", group.ids), ("company_ids", "in", company.ids), ("share", "=", False),
        ], order="id", limit=1)
        return {subject.id: keepers.get(subject.id, others) for subject in subjects}
