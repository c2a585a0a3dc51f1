from lxml import etree
from odoo import api, models

# The suite's own buttons check the reader's right themselves: a credit officer asks for releases here.
ODOO_BUTTONS = "/*/header//button[not(starts-with(@name, 'action_o2c_'))]"


class CheckpointMixin(models.AbstractModel):
    """What the suite's own roles may do with documents of others: read them, and nothing else."""

    _inherit = "o2c.checkpoint.mixin"

    @api.model
    def _is_o2c_reader(self):
        """Whether the user sees these documents only because of his role in the suite."""
        return (
            not self.env.su
            and self.env.user.has_group("o2c_base.group_o2c_user")
            and not self.browse().has_access("write")
        )

    @api.model
    def _has_field_access(self, field, operation):
        """Who only reads does not get the key of the customer's page: whoever has it signs the quotation."""
        if field.name == "access_token" and self._is_o2c_reader():
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        """Readers are offered no button that would be refused; smart buttons stay."""
        result = super().get_view(view_id, view_type, **options)
        if self._is_o2c_reader():
            tree = etree.fromstring(result["arch"])
            for button in tree.xpath(ODOO_BUTTONS):
                button.getparent().remove(button)
            result["arch"] = etree.tostring(tree, encoding="unicode")
        return result
