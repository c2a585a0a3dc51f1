import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditGuaranteeDocument(models.Model):
    """A paper of a guarantee, and where its original is.

    The papers are part of what is approved: they are fixed with the submission. Where the
    original is can only be said by a receipt or hand-out.
    """

    _name = "o2c.credit.guarantee.document"
    _inherit = ["o2c.credit.evidence.mixin"]
    _description = "Document of a guarantee"
    _order = "id"

    _pinned_fields = ("guarantee_id",)
    _evidence_event = "guarantee_edited"
    _evidence_created_event = "guarantee_edited"

    guarantee_id = fields.Many2one("o2c.credit.guarantee", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="guarantee_id.company_id", store=True, index=True)
    state = fields.Selection(related="guarantee_id.state", string="State of the guarantee")
    name = fields.Char(required=True, help="What the paper is: mortgage deed, letter of guarantee, policy.")
    number = fields.Char()
    attachment = fields.Binary(string="Scan", attachment=True)
    attachment_name = fields.Char(string="File name")
    custody_ids = fields.One2many(
        "o2c.credit.guarantee.custody", "document_id", string="Receipts and hand-outs"
    )
    place = fields.Char(compute="_compute_custody", string="Original is at")
    holder = fields.Char(compute="_compute_custody", string="Held by")

    # === COMPUTES === #

    @api.depends("custody_ids")
    def _compute_custody(self):
        for document in self:
            last = document.custody_ids[:1]
            document.place = last.place
            document.holder = last.holder

    # === CHECKS === #

    def _check_is_draft(self):
        fixed = self.sudo().guarantee_id.filtered(lambda guarantee: guarantee.state != "draft")
        if fixed:
            raise UserError(
                self.env._(
                    "%s was submitted: its documents are part of what is decided. "
                    "Attach further papers to the conversation below.",
                    fixed[0].display_name,
                )
            )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents._check_is_draft()
        return documents

    def write(self, vals):
        self._check_is_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        self._check_is_draft()
        if handed := self.filtered("custody_ids"):
            raise UserError(
                self.env._("%s was received or handed out: it stays in the list.", handed[0].display_name)
            )

    # === ACTIONS === #

    def action_custody(self):
        """Open the dialog that registers a receipt, a move or a hand-out of the original."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.guarantee_custody_action")
        action["context"] = {"default_document_id": self.id}
        return action

    # === HOOKS === #

    def _get_evidence_file(self):
        return self.guarantee_id

    def _get_fingerprint(self):
        """Plain values of the paper, with a checksum of the scan."""
        content = self.with_context(bin_size=False).attachment
        return [self.name, self.number or "", hashlib.sha256(content).hexdigest() if content else ""]
