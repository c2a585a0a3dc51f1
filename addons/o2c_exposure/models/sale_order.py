from odoo import api, fields, models
from odoo.addons.o2c_base.models.computed import check_computed

# The predicate of the partial index: a query has to repeat it word for word to use it.
# ``invoice_status`` counts drafts as invoiced, hence the second half. When an order is
# invoiced and has no draft, every line is invoiced by posted invoices for what was ordered
# and delivered, so that nothing of it is left out.
SQL_ORDER_IS_OPEN = "(orders.invoice_status IS DISTINCT FROM 'invoiced' OR orders.o2c_draft_invoiced)"

ORDER_FIGURES = {"invoice_status", "o2c_draft_invoiced", "currency_rate"}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # -------------------------------------------------------------------------
    # Fields
    # -------------------------------------------------------------------------

    o2c_draft_invoiced = fields.Boolean(
        string="Has Draft Invoices",
        compute="_compute_o2c_draft_invoiced",
        store=True,
        help="Technical: some of the order's invoices are not posted yet, so that its invoice "
             "status says more than was invoiced. Finds open orders without reading old ones.",
    )

    _o2c_open_idx = models.Index(
        "(partner_invoice_id) WHERE state = 'sale'"
        " AND (invoice_status IS DISTINCT FROM 'invoiced' OR o2c_draft_invoiced)"
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("order_line.invoice_lines.parent_state")
    def _compute_o2c_draft_invoiced(self):
        for order in self:
            order.o2c_draft_invoiced = any(
                item.parent_state == "draft" for item in order.order_line.invoice_lines
            )

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        check_computed(self, {name for vals in vals_list for name in vals}, ORDER_FIGURES)
        return super().create(vals_list)

    def write(self, vals):
        check_computed(self, vals, ORDER_FIGURES)
        return super().write(vals)
