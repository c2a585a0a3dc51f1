from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.addons.o2c_exposure.rules.behaviour import Behaviour
from odoo.tools import SQL, format_amount, format_date

from .credit_application import WITH_AMOUNT

# Last day of each bucket of the ageing on the screen; the last bucket is open.
AGES = (0, 30, 60, 90)


class CreditApplication(models.Model):
    """Everything that a decision rests on, on one screen: figures of this moment, never stored."""

    _inherit = "o2c.credit.application"

    score_id = fields.Many2one(
        "o2c.credit.score",
        compute="_compute_score_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('partner_id', 'in', customer_ids), ('company_id', '=', company_id)]",
        help="The score sheet that the grade rests on. When what it was made of changes, an approval lapses.",
    )
    customer_ids = fields.Many2many("res.partner", compute="_compute_customer_ids", string="Customers")
    score = fields.Float(related="score_id.score", string="Points")
    score_date = fields.Date(related="score_id.date", string="Scored as of")
    score_line_ids = fields.One2many(related="score_id.line_ids", string="Score sheet")
    terms_html = fields.Html(string="Terms", compute="_compute_dossier", sanitize=False, compute_sudo=True)
    exposure_html = fields.Html(
        string="Exposure", compute="_compute_dossier", sanitize=False, compute_sudo=True
    )
    ageing_html = fields.Html(string="Ageing", compute="_compute_dossier", sanitize=False, compute_sudo=True)
    behaviour_html = fields.Html(
        string="Payment behaviour", compute="_compute_dossier", sanitize=False, compute_sudo=True
    )
    file_html = fields.Html(
        string="Credit file and guarantees", compute="_compute_dossier", sanitize=False, compute_sudo=True
    )
    objection_text = fields.Text(
        string="What stands against it",
        compute="_compute_objection_text",
        compute_sudo=True,
        help="While something stands here the application can't be submitted.",
    )

    # === COMPUTES === #

    @api.depends("partner_id", "corporate_group_id.partner_ids")
    def _compute_customer_ids(self):
        for application in self:
            application.customer_ids = application._get_customers()

    @api.depends("partner_id", "company_id")
    def _compute_score_id(self):
        """The latest score of the customer; of a group none, since its members are scored."""
        scores = self.env["o2c.credit.score"]
        for application in self.filtered(lambda one: one.state == "draft"):
            partner = application.partner_id._origin
            latest = scores._get_latest(application.company_id, partner) if partner else scores
            application.score_id = latest.sudo(False)

    @api.depends("partner_id", "corporate_group_id", "company_id", "amount", "currency_id")
    def _compute_dossier(self):
        for application in self:
            sections = application._get_dossier() if application._get_subject() else {}
            for name in ("exposure", "ageing", "behaviour", "file"):
                application[f"{name}_html"] = application._render_rows(sections.get(name))
            application.terms_html = application._render_terms() if sections else False

    @api.depends("kind", "partner_id", "corporate_group_id", "score_id", "policy_id", "grade_id",
                 "is_cash_only", "amount", "currency_id", "tolerance", "period_days", "payment_term_id",
                 "deposit", "cover", "date_from", "date_to", "review_date", "state")  # fmt: skip
    def _compute_objection_text(self):
        for application in self:
            ready = application.state == "draft" and application._get_subject() and application.date_from
            application.objection_text = "\n".join(application._get_objections()) if ready else False

    # === SECTIONS === #

    def _get_dossier(self):
        """Sections of the screen: ``{name: [row]}``; a row is ``(label, text)``, bold with a third value."""
        self.ensure_one()
        return {
            "exposure": self._get_exposure_rows(),
            "ageing": self._get_ageing_rows(),
            "behaviour": self._get_behaviour_rows(),
            "file": [*self._get_file_rows(), *self._get_guarantee_rows()],
        }

    def _get_exposure_rows(self):
        """Waterfall of the exposure, and what the limits leave of it."""
        exposure = self._get_exposure()
        addition = self._get_addition()
        rows = [(part.label, self._format_company(part.amount)) for part in exposure.components]
        rows.append((self.env._("Exposure"), self._format_company(exposure.total), True))
        if addition:
            rows.append((self.env._("Guarantees on top of the limit"), self._format_company(addition)))
        if self.current_limit_id:
            left = self._get_current_company_amount() + addition - exposure.total
            rows.append((self.env._("Available so far"), self._format_company(left)))
        if self.kind in WITH_AMOUNT:
            left = self._get_company_amount() + addition - exposure.total
            rows.append((self.env._("Available as proposed"), self._format_company(left), True))
        return rows

    def _get_exposure(self):
        """Exposure of the customer or the group now, in company currency."""
        exposures = self.env["o2c.exposure"]
        subject = self._get_subject()._origin
        if self.corporate_group_id:
            return exposures._get_group_exposure(subject, self.company_id)[subject.id]
        return exposures._get_exposure(subject, self.company_id)[subject.id]

    def _get_addition(self):
        """What guarantees add to the limit today, in company currency."""
        subject = self._get_subject()._origin
        found = self.env["o2c.credit.guarantee"]._get_additions(self.company_id, subject)
        return found.get(subject.id, 0.0)

    def _get_ageing_rows(self):
        """Open items of today by days overdue; credits are a line of their own."""
        labels = [
            self.env._("Not due"),
            *(self.env._("%(first)s to %(last)s days", first=first + 1, last=last)
              for first, last in zip(AGES, AGES[1:], strict=False)),
            self.env._("More than %s days", AGES[-1]),
            self.env._("Credits"),
        ]  # fmt: skip
        amounts = self._read_ageing()
        return [(label, self._format_company(amount)) for label, amount in zip(labels, amounts, strict=True)]

    def _read_ageing(self):
        """Open amounts per bucket, one statement."""
        self.env.flush_all()
        claims = self.env["o2c.claim"]._sql_claims(self.company_id._o2c_today(), self._sql_customers())
        bounds = [(-1, 0), *zip(AGES, (*AGES[1:], 10**6), strict=True)]
        sums = [
            SQL("SUM(amount) FILTER (WHERE amount > 0 AND days_overdue > %s AND days_overdue <= %s)", *pair)
            for pair in bounds
        ]
        sums.append(SQL("SUM(amount) FILTER (WHERE amount < 0)"))
        [row] = self.env.execute_query(SQL("SELECT %s FROM (%s) claims", SQL(", ").join(sums), claims))
        return [float(amount or 0.0) for amount in row]

    def _get_behaviour_rows(self):
        """How the customer paid in the last twelve months."""
        today = self.company_id._o2c_today()
        start = today - relativedelta(years=1) + relativedelta(days=1)
        found = self.env["o2c.behaviour"]._get_behaviour(start, today, scope=self._sql_customers())
        if not found:
            return [(self.env._("Trading in the last twelve months"), self.env._("none"))]
        parts = list(found.values())
        total = Behaviour(days=parts[0].days, **{
            name: sum(getattr(part, name) for part in parts)
            for name in Behaviour.__dataclass_fields__ if name != "days"
        })  # fmt: skip
        rows = [
            (self.env._("Invoiced in twelve months"), self._format_company(total.sales)),
            (self.env._("Items settled"), str(total.settled_count)),
        ]
        if total.settled_count:
            rows.append((self.env._("Mean days late"), f"{total.mean_days_late:.1f}"))
            rows.append((self.env._("Paid on time"), f"{total.on_time_percent:.1f} %"))
        return [
            *rows,
            (self.env._("Days sales outstanding"), f"{total.dso:.1f}"),
            (self.env._("Overdue today"), self._format_company(total.overdue), True),
        ]

    def _get_file_rows(self):
        """What the credit file holds."""
        file = self._get_file()
        if not file:
            return [(self.env._("Credit file"), self.env._("none"))]
        rows = [(self.env._("Credit file complete"), f"{file.completeness} %", True)]
        if file.missing:
            rows.append((self.env._("Still missing"), file.missing))
        return rows

    def _get_guarantee_rows(self):
        """Guarantees of the customer. Hook of the guarantees."""
        return []

    def _get_file(self):
        """The credit file of the customer or group, with superuser rights, or none."""
        return self.env["o2c.credit.file"]._get_file(self.company_id, self._get_subject()._origin)

    # === HELPERS === #

    def _sql_customers(self):
        """Scope of claims and behaviour: the customers of the application in its company."""
        return SQL(
            "debtor.commercial_partner_id = ANY(%s) AND company.o2c_exposure_company_id = %s",
            self._get_customers()._origin.ids,
            self.company_id.id,
        )

    def _render_rows(self, rows):
        if not rows:
            return False
        return self.env["ir.qweb"]._render("o2c_credit.dossier_rows", {"rows": rows})

    def _render_terms(self):
        return self.env["ir.qweb"]._render("o2c_credit.dossier_terms", {"rows": self._get_term_rows()})

    def _get_term_rows(self):
        """Terms so far beside the proposal: ``(label, so far, proposed, changed)``."""
        names = ["grade_id", "amount", "tolerance", "period_days", "payment_term_id", "is_cash_only",
                 "deposit", "cover", "date_to", "review_date"]  # fmt: skip
        current = self.current_limit_id
        rows = []
        for name in names:
            before = self._format_term(current, name) if current else self.env._("none")
            after = self._format_term(self if self.kind in WITH_AMOUNT else current, name)
            rows.append((self._fields[name]._description_string(self.env), before, after, before != after))
        return rows

    def _format_term(self, record, name):
        value = record[name]
        if name == "amount":
            return format_amount(self.env, value, record.currency_id) if record.currency_id else ""
        if isinstance(value, bool) and self._fields[name].type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if isinstance(value, models.BaseModel):
            return value.display_name or "–"
        if self._fields[name].type == "date":
            return format_date(self.env, value) if value else "–"
        return f"{value:g}" if isinstance(value, float) else str(value)
