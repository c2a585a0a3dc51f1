from odoo import api, models


class ReceiptMixin(models.AbstractModel):
    """What payments and bank lines have in common as receipts."""

    _name = "o2c.receipt.mixin"
    _description = "Receipt"

    # === HOOKS OF THE RECEIPT === #

    def _get_o2c_ref(self):
        """Key of the receipt in allocations: positive for payments, negative for bank lines."""
        raise NotImplementedError

    def _get_o2c_currency(self):
        """Currency in which the receipt is allocated."""
        raise NotImplementedError

    def _get_o2c_money(self):
        """The whole receipt in its currency, negative when money went out."""
        raise NotImplementedError

    def _get_o2c_text(self):
        """What the payer wrote."""
        raise NotImplementedError

    def _is_o2c_counting(self):
        """Whether the receipt is posted money."""
        raise NotImplementedError

    # === CRUD === #

    @api.ondelete(at_uninstall=False)
    def _unlink_o2c_never_allocated(self):
        refs = [receipt._get_o2c_ref() for receipt in self]
        self.env["o2c.receipt.allocation"]._check_unlink([("receipt_ref", "in", refs)])

    # === BUSINESS METHODS === #

    def _get_o2c_free(self):
        """Money that is neither reconciled nor allocated, positive, in the receipt's currency."""
        return self.env["o2c.receipt.allocation"]._get_free(self._get_o2c_ref())

    def action_o2c_allocate(self):
        """Open the allocation of this receipt with suggestions.

        :raise AccessError: for users who don't allocate
        """
        self.ensure_one()
        self.env["o2c.receipt.allocation"]._check_allocator()
        return self.env["o2c.receipt.allocate"]._start(receipt=self)

    def action_o2c_open_allocations(self):
        """Open the allocations of this receipt, ended ones included."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_receipt.receipt_allocation_action")
        action["domain"] = [("receipt_ref", "=", self._get_o2c_ref())]
        action["context"] = {}
        return action

    def _get_o2c_document(self):
        """What people open when they want to see the receipt."""
        return self

    def _open_o2c_document(self):
        document = self._get_o2c_document()
        document.check_access("read")
        return document._get_records_action()
