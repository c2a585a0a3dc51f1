"""Verify the chain of seals."""

from odoo import fields, models


class RegisterVerify(models.TransientModel):
    _name = "o2c.register.verify"
    _description = "Verify the Register"

    anchor_sequence = fields.Integer(
        string="Noted Seal No.",
        help="From an earlier verification or export. Shows whether the chain up to there was written "
             "anew or its end was cut off, which the chain alone can't show.",
    )
    anchor_hash = fields.Char(string="Noted Seal")
    is_verified = fields.Boolean(readonly=True)
    is_intact = fields.Boolean(readonly=True)
    checked = fields.Integer(string="Sealed Entries", readonly=True)
    unsealed = fields.Integer(
        string="Not Sealed yet",
        readonly=True,
        help="The scheduled action seals new entries every few minutes.",
    )
    finding_count = fields.Integer(string="Number of Findings", readonly=True)
    findings = fields.Text(readonly=True)
    last_sequence = fields.Integer(string="Last Seal No.", readonly=True)
    last_hash = fields.Char(string="Last Seal", readonly=True)

    # === ACTIONS === #

    def action_verify(self):
        """Follow the whole chain and show what is broken, the first broken entry first."""
        self.ensure_one()
        seals = self.env["o2c.register.seal"]
        seals._check_auditor()
        result = seals.sudo()._verify(self._get_anchor())
        seals.sudo()._log_verification(result)
        self.write({
            "is_verified": True,
            "is_intact": not result.findings,
            "checked": result.checked,
            "unsealed": result.unsealed,
            "finding_count": result.finding_count,
            "findings": "\n".join(map(seals._describe_finding, result.findings)),
            "last_sequence": result.last_sequence,
            "last_hash": result.last_hash,
        })
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Verify the Register"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # === HELPERS === #

    def _get_anchor(self):
        if not self.anchor_sequence:
            return None
        return self.anchor_sequence, (self.anchor_hash or "").strip().lower()
