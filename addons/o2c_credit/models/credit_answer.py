from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL


class CreditAnswer(models.Model):
    """What a credit officer chose for a factor of the scorecard, about one customer.

    Answers are never edited: the next one follows, and the one of any past day can be told. They are
    kept by the codes of factor and option, so that they outlive a version of the policy.
    """

    _name = "o2c.credit.answer"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Answer for the scorecard"
    _order = "date desc, id desc"
    _rec_name = "answer"

    _guarded_fields = "*"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True, ondelete="restrict")
    factor_code = fields.Char(required=True, readonly=True)
    option = fields.Char(required=True, readonly=True)
    question = fields.Char(required=True, readonly=True, help="Name of the factor when it was answered.")
    answer = fields.Char(required=True, readonly=True, help="What was chosen, in the words of that day.")
    note = fields.Char(readonly=True, help="On what the answer is based.")
    date = fields.Date(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Answered by", required=True, readonly=True, ondelete="restrict"
    )

    _latest_idx = models.Index("(company_id, partner_id, factor_code, date DESC, id DESC)")

    # === BUSINESS METHODS === #

    @api.model
    def _answer(self, company, partner, choices, *, note=None):
        """Keep the officer's choices: ``{factor: band}``; what was answered the same before is left.

        :raise AccessError: for who is no credit officer
        :raise UserError: if a band is no answer of its factor
        """
        self.env["o2c.credit.score"]._check_scorer()
        company = company.sudo().o2c_exposure_company_id
        partner = partner.commercial_partner_id
        self.env["o2c.credit.score"]._check_customers(company, partner)
        known = self._get_latest(company, partner)
        vals_list = [
            self._prepare_answer_vals(company, partner, factor, band, note)
            for factor, band in choices.items()
            if self._check_choice(factor, band) and known.get(factor.code) != band.option
        ]
        answers = self.sudo()._guarded_create(vals_list)
        answers._log_answers()
        return answers.with_env(self.env)

    @api.model
    def _get_latest(self, company, partner, date=None):
        """``{factor code: option}`` of one customer, today or as of the end of a day."""
        date = date or company._o2c_today()
        return self._get_latest_many(company, partner.ids, date).get(partner.id, {})

    @api.model
    def _get_latest_many(self, company, partner_ids, date):
        """``{partner_id: {factor code: option}}`` as of the end of a day.

        Not the ORM: the last row of each customer and factor is one DISTINCT ON.
        """
        found = {}
        self.flush_model()
        for partner_id, code, option in self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (partner_id, factor_code) partner_id, factor_code, option
                  FROM o2c_credit_answer
                 WHERE company_id = %s AND partner_id = ANY(%s) AND date <= %s
                 ORDER BY partner_id, factor_code, date DESC, id DESC
                """,
                company.id,
                list(partner_ids),
                date,
            )
        ):
            found.setdefault(partner_id, {})[code] = option
        return found

    @api.model
    def _provide_answers(self, question):
        """Provider of the registry of sources: all answers under the key ``answer``, by factor."""
        latest = self._get_latest_many(question.company, question.partner_ids, question.date)
        return {partner_id: {"answer": found} for partner_id, found in latest.items()}

    # === CHECKS === #

    @api.model
    def _check_choice(self, factor, band):
        if factor.source != "answer" or band not in factor.band_ids:
            raise UserError(
                self.env._(
                    "%(band)s is no answer to %(factor)s.",
                    band=band.display_name,
                    factor=factor.display_name,
                )
            )
        return True

    @api.constrains("partner_id")
    def _check_partner_is_debtor(self):
        for answer in self:
            if answer.partner_id != answer.partner_id.commercial_partner_id:
                raise ValidationError(self.env._("Answers are about the company that owes, not its contact."))

    # === HELPERS === #

    @api.model
    def _prepare_answer_vals(self, company, partner, factor, band, note):
        return {
            "partner_id": partner.id,
            "company_id": company.id,
            "factor_code": factor.code,
            "option": band.option,
            "question": factor.name,
            "answer": band.label or band.option,
            "note": note or False,
            "date": company._o2c_today(),
            "user_id": self.env.uid,
        }

    def _log_answers(self):
        self.env["o2c.register"]._log_many([
            {
                "record": answer,
                "event": "credit_answered",
                "partner": answer.partner_id,
                "company": answer.company_id,
                "message": self.env._(
                    "%(customer)s: %(question)s is %(answer)s",
                    customer=answer.partner_id.display_name,
                    question=answer.question,
                    answer=answer.answer,
                ),
                "evidence": {"factor": answer.factor_code, "option": answer.option, "note": answer.note},
            }
            for answer in self
        ])  # fmt: skip

    def _guard_get_hint(self):
        return self.env._("A credit officer answers through Answers of the customer.")
