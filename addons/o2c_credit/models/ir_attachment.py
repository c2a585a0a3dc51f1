from odoo import api, models
from odoo.exceptions import UserError

# Scans in fields of these models are changed on their document, which registers it.
SCANS = frozenset(("o2c.credit.file.document", "o2c.credit.file.rating", "o2c.credit.guarantee.document"))
# Attachments of the conversation below these documents are evidence too.
CONVERSATIONS = {"o2c.credit.file": "file_edited", "o2c.credit.guarantee": "guarantee_edited"}
CONTENT = frozenset(
    ("raw", "datas", "db_datas", "store_fname", "res_model", "res_id", "res_field", "url", "type")
)


class IrAttachment(models.Model):
    """Papers of credit files and guarantees don't change behind their document."""

    _inherit = "ir.attachment"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._check_o2c_scan()
        attachments._log_o2c_evidence(attachments._get_o2c_evidence(), added=True)
        return attachments

    def write(self, vals):
        if CONTENT.isdisjoint(vals):
            return super().write(vals)
        self._check_o2c_scan()
        before = self._get_o2c_evidence()
        result = super().write(vals)
        self._check_o2c_scan()
        after = self._get_o2c_evidence()
        changed = after if {"raw", "datas"} & set(vals) else after - before
        self._log_o2c_evidence(before - after, added=False)
        self._log_o2c_evidence(changed, added=True)
        return result

    def unlink(self):
        self._check_o2c_scan()
        self._log_o2c_evidence(self._get_o2c_evidence(), added=False)
        return super().unlink()

    # === CHECKS === #

    def _check_o2c_scan(self):
        """Refuse to touch the content of a scan directly; the fields of the documents do it as superuser.

        :raise UserError: naming the way
        """
        if self.env.su:
            return
        if any(one.res_model in SCANS and one.res_field for one in self.sudo()):
            raise UserError(
                self.env._("Scans of credit files and guarantees are changed on their document only.")
            )

    # === REGISTER === #

    def _get_o2c_evidence(self):
        """Attachments in the conversations of credit files and guarantees."""
        return self.sudo().filtered(
            lambda one: one.res_model in CONVERSATIONS and one.res_id and not one.res_field
        )

    def _log_o2c_evidence(self, attachments, *, added):
        entries = []
        for attachment in attachments.sudo():
            document = self.env[attachment.res_model].browse(attachment.res_id).exists()
            if not document:
                continue
            values = {"document": document.sudo().display_name, "name": attachment.name}
            entries.append(
                {
                    "record": document,
                    "event": CONVERSATIONS[attachment.res_model],
                    "message": self.env._("%(document)s, attached: %(name)s", **values)
                    if added
                    else self.env._("%(document)s, attachment removed: %(name)s", **values),
                    "evidence": {"name": attachment.name, "checksum": attachment.checksum or ""},
                }
            )
        self.env["o2c.register"]._log_many(entries)
