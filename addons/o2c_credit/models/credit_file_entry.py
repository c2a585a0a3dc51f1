import json

from odoo import api, fields, models
from odoo.tools import SQL


class CreditFileEntry(models.Model):
    """What the register keeps about one credit file: who wrote what into it, and when.

    Who reads a file reads its history, and no other entry of the register.
    """

    _name = "o2c.credit.file.entry"
    _description = "History of a credit file"
    _auto = False
    _order = "id desc"
    _rec_name = "message"

    file_id = fields.Many2one("o2c.credit.file", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Datetime(readonly=True)
    event = fields.Selection(selection="_get_events", readonly=True)
    is_refusal = fields.Boolean(string="Refused", readonly=True)
    message = fields.Text(readonly=True)
    user_name = fields.Char(string="User", readonly=True)
    evidence = fields.Json(readonly=True)
    evidence_text = fields.Text(string="Before and after", compute="_compute_evidence_text")

    @api.model
    def _get_events(self):
        return self.env["o2c.register"]._fields["event"]._description_selection(self.env)

    @api.depends("evidence")
    def _compute_evidence_text(self):
        for entry in self:
            entry.evidence_text = json.dumps(
                entry.evidence, indent=2, ensure_ascii=False, sort_keys=True) if entry.evidence else False

    @property
    def _table_query(self):
        self.env["o2c.register"].flush_model()
        self.env["o2c.credit.file"].flush_model(["company_id"])
        return SQL(
            """
            SELECT entry.id, entry.res_id AS file_id, file.company_id, entry.date, entry.event,
                   entry.is_refusal, entry.message, entry.user_name, entry.evidence
              FROM o2c_register entry
              JOIN o2c_credit_file file ON file.id = entry.res_id
             WHERE entry.res_model = 'o2c.credit.file'
            """
        )
