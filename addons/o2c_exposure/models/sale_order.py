from odoo import api, fields, models
from odoo.addons.o2c_base.models.computed import check_computed

# The predicate of the partial index: a query has to repeat it word for word to use it.
# ``invoice_status`` counts drafts as invoiced, hence the second half. When an order is
# invoiced and has no draft, every line is invoiced by posted invoices for what was ordered
# and delivered, so that nothing of it is left out.
SQL_ORDER_IS_OPEN = "(orders.invoice_status IS DISTINCT FROM 'invoiced' OR orders.o2c_draft_invoiced)"

ORDER_FIGURES = {"amount_total", "currency_rate", "invoice_status", "o2c_draft_invoiced", "o2c_open_kind"}


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

    o2c_open_kind = fields.Selection(
        selection=[("untouched", "Nothing delivered or invoiced"), ("delivered", "Delivered, not invoiced")],
        string="Open in Full",
        compute="_compute_o2c_open_kind",
        store=True,
        help="Technical: the open value of the order is its total, and its lines need not be read. Empty "
             "where they have to be.",
    )

    # Holds all that the exposure of a customer reads of orders that are open in full: the orders themselves
    # are wide rows far apart, and a customer may have a thousand of them.
    _o2c_open_idx = models.Index(
        "(partner_invoice_id, company_id)"
        " INCLUDE (o2c_open_kind, amount_total, currency_rate, o2c_draft_invoiced, id)"
        " WHERE state = 'sale' AND (invoice_status IS DISTINCT FROM 'invoiced' OR o2c_draft_invoiced)"
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

    @api.depends(
        "o2c_draft_invoiced", "order_line.display_type", "order_line.product_uom_qty",
        "order_line.qty_delivered", "order_line.qty_invoiced", "order_line.qty_delivered_method",
        "order_line.move_ids.origin_returned_move_id", "order_line.move_ids.quantity",
        "order_line.move_ids.product_uom_qty", "order_line.move_ids.state",
    )
    def _compute_o2c_open_kind(self):
        """The same as ``o2c.exposure._sql_line_is_untouched`` says of every line; empty is always right."""
        for order in self:
            lines = order.order_line.filtered(lambda line: not line.display_type)
            kinds = {line._get_o2c_open_kind() for line in lines} if not order.o2c_draft_invoiced else ()
            order.o2c_open_kind = kinds.pop() if len(kinds) == 1 else False

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
