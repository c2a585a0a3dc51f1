from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

NAME = "o2c.instalment"


class ReceiptAllocation(models.Model):
    """Money that was given to one instalment of an order, instead of the oldest.

    Where orders are named as keys (`_allocate`, `_reallocate`), an instalment may stand instead: it means
    its order and names itself. When the schedule loses the instalment, the money stays with the order and
    pays the oldest first again; what was said then is kept as text.
    """

    _inherit = "o2c.receipt.allocation"

    _guarded_links = ("instalment_id",)

    # === FIELDS === #

    instalment_id = fields.Many2one(
        NAME,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The money pays this part of the order's payment schedule. Without one it pays the oldest"
        " part first.",
    )
    instalment_name = fields.Char(
        string="Given to instalment", readonly=True, help="The instalment as it was called then.")
    is_dropped = fields.Boolean(
        string="Instalment removed",
        compute="_compute_is_dropped",
        help="The instalment left the schedule: the money pays the oldest part first.",
    )

    _named_order_idx = models.Index("(order_id) WHERE state = 'active' AND instalment_id IS NOT NULL")

    # === COMPUTES === #

    @api.depends("instalment_id", "instalment_name")
    def _compute_is_dropped(self):
        for row in self:
            row.is_dropped = bool(row.instalment_name) and not row.instalment_id

    # === KEYS === #

    @api.model
    def _get_order(self, key):
        """The order of a key, which is an order or one of its instalments; with superuser rights."""
        key = key.sudo()
        return key.order_id if key._name == NAME else key

    @api.model
    def _get_instalment(self, key):
        """The instalment that a key names, or none."""
        return key.sudo() if key._name == NAME else self.env[NAME].sudo()

    def _get_key(self):
        """What this row was given to."""
        return self.instalment_id or self.order_id

    def _get_target_name(self):
        """The order, with its instalment where one was named."""
        order = self.order_id.name
        return f"{order} / {self.instalment_name}" if self.instalment_name else order

    # === CHECKS === #

    @api.model
    def _check_instalments(self, keys):
        """Only what was agreed can be paid by name: a quotation's parts still change.

        :raise UserError: naming the order
        """
        for key in keys:
            part = self._get_instalment(key)
            if part and part.order_id.state != "sale":
                raise UserError(self.env._(
                    "Order %s is not confirmed, and its schedule may still change. Allocate the money to"
                    " the order, and choose an instalment once it is confirmed.", part.order_id.name))

    # === WHETHER ANYBODY DOES IT === #

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        if rows.instalment_id and not self._is_naming():
            self.env.registry.clear_cache()
        return rows

    @api.model
    @ormcache()
    def _is_naming(self):
        """Whether money was ever given to an instalment; where it never was, nothing looks for it."""
        return bool(self.sudo().search([("instalment_name", "!=", False)], limit=1))

    # === REMOVED INSTALMENTS === #

    @api.model
    def _drop_instalments(self, parts):
        """Say which money names ``parts`` that are about to leave their schedule, and pays the oldest
        from now on."""
        rows = self.sudo().search([("instalment_id", "in", parts.ids), ("state", "=", "active")])
        texts = {
            row: self.env._(
                "%(amount)s of %(receipt)s had been given to %(target)s, which is no longer in the"
                " schedule: they pay the oldest instalment first.",
                amount=row._format_amount(), receipt=row.receipt_name, target=row._get_target_name())
            for row in rows
        }
        self.env["o2c.register"]._log_many([
            {**row._prepare_entry_vals(), "event": "instalment_dropped", "message": text}
            for row, text in texts.items()
        ])
        for row, text in texts.items():
            row.order_id.message_post(body=text)
