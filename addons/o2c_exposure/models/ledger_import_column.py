"""One column of a ledger file and what it means."""

from odoo import api, fields, models
from odoo.exceptions import UserError

TARGETS = [
    ("number", "Invoice number"),
    ("customer_ref", "Customer reference"),
    ("customer_name", "Customer name"),
    ("vat", "Tax ID"),
    ("country", "Country"),
    ("invoice_date", "Invoice date"),
    ("due_date", "Due date"),
    ("amount", "Invoice amount"),
    ("open_amount", "Open amount"),
    ("currency", "Currency"),
    ("settled_date", "Settled on"),
    ("disputed", "Disputed (yes/no)"),
]


class LedgerImportColumn(models.Model):
    """A column belongs to an import or to a template. The mapping decides nothing before the dry run."""

    _name = "o2c.ledger.import.column"
    _description = "Column of a Ledger File"
    _order = "sequence, id"
    _rec_name = "header"

    import_id = fields.Many2one("o2c.ledger.import", ondelete="cascade", index=True)
    template_id = fields.Many2one("o2c.ledger.import.template", ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, index=True)
    sequence = fields.Integer(string="Position", readonly=True)
    header = fields.Char(string="Column", readonly=True)
    sample = fields.Char(string="First values", readonly=True)
    target = fields.Selection(TARGETS, string="Means", help="Leave empty to ignore the column.")

    _one_parent = models.Constraint(
        "CHECK((import_id IS NULL) <> (template_id IS NULL))",
        "A column belongs to one import or to one template.",
    )

    @api.depends("import_id.company_id", "template_id.company_id")
    def _compute_company_id(self):
        for column in self:
            column.company_id = column.import_id.company_id or column.template_id.company_id

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        columns = super().create(vals_list)
        columns._check_editable()
        return columns

    def write(self, vals):
        self._check_editable()
        result = super().write(vals)
        # A column may have been moved to an import that has its preview.
        self._check_editable()
        return result

    def unlink(self):
        self._check_editable()
        return super().unlink()

    def _check_editable(self):
        """A mapping that was judged is not edited any more: the preview would no longer belong to it."""
        if self.import_id.filtered(lambda ledger: ledger.step not in ("file", "columns")):
            raise UserError(
                self.env._("The columns were used for the preview. Press Back to the columns first.")
            )
