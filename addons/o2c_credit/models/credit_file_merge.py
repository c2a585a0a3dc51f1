from odoo import api, models

LINES = ("person_ids", "document_ids", "rating_ids")
NOT_MERGED = ("active", "partner_id", "corporate_group_id", "company_id")


class CreditFile(models.Model):
    """Files of customers that turn out to be one."""

    _inherit = "o2c.credit.file"

    @api.model
    def _merge_files(self, dst, src):
        """Bring the files of ``src`` to ``dst``; to be called before their rows are rewired.

        Where both have a file in a company, the one of ``dst`` takes in the evidence of the
        other: its lines, its papers and conversation, and whatever ``dst`` lacks. What both
        say differently is kept in the register with the whole contents of the file that goes.

        :param dst: customer that stays; ``src``: customers that go
        """
        files = self.sudo().with_context(active_test=False)
        target = dst.commercial_partner_id
        for file in files.search([("partner_id", "in", (src - target).ids)], order="id"):
            kept = files.search([("partner_id", "=", target.id), ("company_id", "=", file.company_id.id)])
            if kept:
                kept._absorb(file)
            else:
                file._move_to(target)

    def _move_to(self, partner):
        """Give the file to the customer with whom its own is merged."""
        name = self.display_name
        self._guarded_write({"partner_id": partner.id})
        message = self.env._("%(file)s became that of %(customer)s", file=name, customer=partner.display_name)
        self.env["o2c.register"]._log(self, "file_merged", message)

    def _absorb(self, other):
        """Take in the evidence of another file, which goes."""
        differing = self._take_values(other)
        moved = {name: len(other[name]) for name in (*LINES, "figure_ids")}
        self._take_figures(other)
        for name in LINES:
            if other[name]:
                other[name]._guarded_write({"file_id": self.id})
        self._take_conversation(other)
        self.env["o2c.register"]._log(
            self,
            "file_merged",
            self.env._("%(file)s took in %(other)s", file=self.display_name, other=other.display_name),
            evidence={"moved": moved, "differing": differing, "other": other._get_evidence_values()},
        )
        # The database deletes the lines of a file with it: those that moved must be written first.
        self.env.flush_all()
        other.invalidate_recordset()
        other._guarded_unlink()

    def _take_values(self, other):
        """Fill what is empty here, join texts; ``{field: {kept, other}}`` of what differs."""
        names = sorted(self._get_evidence_fields() - set(NOT_MERGED))
        vals = {name: other[name] for name in names if other[name] and not self[name]}
        if "registered_capital" not in vals:
            vals.pop("capital_currency_id", None)
        else:
            vals["capital_currency_id"] = other.capital_currency_id
        both = [name for name in names if self[name] and other[name] and self[name] != other[name]]
        texts = [name for name in both if self._fields[name].type == "text"]
        vals.update({name: f"{self[name]}\n\n{other.display_name}: {other[name]}" for name in texts})
        if other.active and not self.active:
            vals["active"] = True
        differing = {
            name: {
                "kept": self._format_evidence_value(name),
                "other": other._format_evidence_value(name),
            }
            for name in both
            if name not in texts
        }
        self.write(
            {name: value.id if isinstance(value, models.BaseModel) else value for name, value in vals.items()}
        )
        return differing

    def _take_figures(self, other):
        """Figures of a year that both have: those of this file count, the others are archived."""
        years = set(self.figure_ids.filtered("active").mapped("year"))
        double = other.figure_ids.filtered(lambda figure: figure.year in years)
        if double:
            double._guarded_write({"file_id": self.id, "active": False})
        if single := other.figure_ids - double:
            single._guarded_write({"file_id": self.id})

    def _take_conversation(self, other):
        """Messages, attachments and activities of the other file."""
        other.message_change_thread(self)
        attachments = self.env["ir.attachment"].sudo()
        attachments.search([("res_model", "=", self._name), ("res_id", "=", other.id)]).write(
            {"res_id": self.id}
        )
        other.activity_ids.write({"res_id": self.id})
