"""Loading a preset: choose, look at what would change, load."""

import base64
import json

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..rules import preset as rules

STATES = ("error", "new", "changed", "same", "kept")


class PresetLoad(models.TransientModel):
    """Shows what a preset would change before anything changes.

    Policies arrive as drafts or new versions; somebody puts them in force. Loading the same
    preset again finds nothing to do.
    """

    _name = "o2c.preset.load"
    _description = "Load a Preset"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    source = fields.Selection(
        [("shipped", "Preset of the suite"), ("file", "File")], required=True, default="shipped")
    code = fields.Selection(selection="_get_codes", string="Preset", default=lambda self: self._get_first())
    description = fields.Text(compute="_compute_description")
    file = fields.Binary(attachment=False)
    filename = fields.Char()
    state = fields.Selection([("choose", "Choose"), ("preview", "Preview"), ("done", "Loaded")],
                             required=True, default="choose")
    line_ids = fields.One2many("o2c.preset.load.line", "wizard_id", string="Changes")
    change_count = fields.Integer(compute="_compute_counts")
    error_count = fields.Integer(compute="_compute_counts")
    foreign_currency = fields.Char(
        readonly=True, help="Currency of the file's amounts, where the company keeps its books in another.")
    accept_currency = fields.Boolean(
        string="The amounts fit this company",
        help="The numbers are taken as they are, in the currency of the company.",
    )
    result = fields.Text(readonly=True)

    # === COMPUTES === #

    @api.model
    def _get_codes(self):
        files = self.env["o2c.preset"]._get_files()
        return [(code, preset.get("name") or code) for code, preset in files.items()]

    @api.model
    def _get_first(self):
        return next(iter(self.env["o2c.preset"]._get_files()), False)

    @api.depends("code", "source")
    def _compute_description(self):
        files = self.env["o2c.preset"]._get_files()
        for wizard in self:
            preset = files.get(wizard.code, {}) if wizard.source == "shipped" else {}
            wizard.description = preset.get("description") or False

    @api.depends("line_ids.state", "line_ids.is_chosen")
    def _compute_counts(self):
        for wizard in self:
            wizard.change_count = len(wizard.line_ids.filtered("is_chosen"))
            wizard.error_count = len(wizard.line_ids.filtered(lambda line: line.state == "error"))

    # === ACTIONS === #

    def action_preview(self):
        """List what would change, what stays, and what is wrong with the file."""
        self.ensure_one()
        presets = self.env["o2c.preset"].with_company(self.company_id)
        presets._check_administrator(self.company_id)
        try:
            preset = self._read_preset()
        except rules.PresetError as error:
            self._show([self._prepare_problem(error.problem)])
            return self._reopen()
        currency = preset.get("currency")
        self.foreign_currency = currency if currency != self.company_id.currency_id.name else False
        planned = presets._plan(self.company_id, preset)
        # What needs a look comes first; the order of the sections is kept within.
        planned.sort(key=lambda pair: STATES.index(pair[1].state))
        self._show([self._prepare_line(section, item) for section, item in planned])
        return self._reopen()

    def action_load(self):
        """Set what is ticked. Everything or nothing is loaded."""
        self.ensure_one()
        presets = self.env["o2c.preset"].with_company(self.company_id)
        presets._check_administrator(self.company_id)
        if self.foreign_currency and not self.accept_currency:
            raise UserError(self.env._(
                "The amounts of the file are in %(file)s, the company keeps its books in %(company)s. "
                "Look at them, and confirm that the numbers fit.",
                file=self.foreign_currency, company=self.company_id.currency_id.name))
        try:
            preset = self._read_preset()
        except rules.PresetError as error:
            raise UserError(str(error)) from error
        chosen = {(line.section_code, line.key) for line in self.line_ids if line.is_chosen}
        done = presets._load(self.company_id, preset, chosen)
        self.result = "\n".join(f"{section.label}: {item.label}" for section, item in done) or self.env._(
            "Everything was as in the preset: nothing was changed.")
        self.state = "done"
        return self._reopen()

    def action_back(self):
        """Choose again."""
        self.ensure_one()
        self.write({"state": "choose", "line_ids": [Command.clear()], "foreign_currency": False})
        return self._reopen()

    def action_export(self):
        """Download the set-up of the company as such a file."""
        self.ensure_one()
        presets = self.env["o2c.preset"].with_company(self.company_id)
        presets._check_administrator(self.company_id)
        text = rules.dump(presets._export(self.company_id))
        today = self.company_id._o2c_today()
        self.write({
            "source": "file",
            "file": base64.b64encode(text.encode()),
            "filename": f"preset-{today:%Y%m%d}.json",
        })
        self.env["o2c.register"]._log(
            self.company_id, "preset_exported", company=self.company_id,
            message=self.env._("Set-up of %s exported as a preset", self.company_id.name))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.filename}?download=true",
            "target": "download",
        }

    # === HELPERS === #

    def _read_preset(self):
        """Content of what was chosen. Read anew when loading: what counts is the file, not the preview."""
        if self.source == "shipped":
            files = self.env["o2c.preset"]._get_files()
            if self.code not in files:
                raise UserError(self.env._("Choose a preset."))
            return json.loads(json.dumps(files[self.code]))
        if not self.file:
            raise UserError(self.env._("Choose a file."))
        try:
            text = base64.b64decode(self.file).decode("utf-8-sig")
        except ValueError as error:
            raise rules.PresetError(rules.Problem(
                self.env._("beginning"), self.env._("this is no text in UTF-8."),
                self.env._("Save the file as UTF-8."))) from error
        return rules.parse(text)

    def _show(self, lines):
        self.write({
            "state": "preview",
            "result": False,
            "line_ids": [Command.clear(), *(Command.create(vals) for vals in lines)],
        })

    def _prepare_line(self, section, item):
        return {
            "section_code": section.code,
            "section": section.label,
            "key": item.key,
            "name": item.label,
            "now": item.now,
            "then": item.then,
            "state": item.state,
            "note": item.note,
            "is_chosen": item.state in ("new", "changed"),
        }

    def _prepare_problem(self, problem):
        return {
            "section_code": "*",
            "section": self.env._("File"),
            "key": "*",
            "name": problem.place,
            "state": "error",
            "note": f"{problem.text} {problem.remedy}",
        }

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("Load a Preset"),
        }
