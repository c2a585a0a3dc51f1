from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.http import request


class AddressPortal(CustomerPortal):
    """The country of a customer with credit terms is the credit officers' to change."""

    def _validate_address_values(self, address_values, partner_sudo, *args, **kwargs):
        """Say so at the field, where Odoo would let the customer fill in a country that is empty."""
        invalid, missing, messages = super()._validate_address_values(
            address_values, partner_sudo, *args, **kwargs)
        country = partner_sudo.country_id
        is_filled = not country and address_values.get("country_id")
        if partner_sudo and is_filled and partner_sudo._get_o2c_with_terms():
            invalid.add("country_id")
            messages.append(request.env._(
                "The country of your account belongs to your credit terms. Please ask us to change it."))
        return invalid, missing, messages
