from contextlib import contextmanager

from odoo import fields
from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from ..models.sale_order_confirmation import PORTAL_SIGNING


@contextmanager
def signing():
    """While inside, a signature that is written is the customer's.

    Colleagues who open the customer's page sign nothing: Odoo lets them, and it does not count.
    """
    user = request.env.user
    if user._is_internal():
        yield
        return
    cache = request.env.cr.cache
    cache[PORTAL_SIGNING] = {
        "user": False if user._is_public() else user.id,
        "address": request.httprequest.remote_addr,
    }
    try:
        yield
    finally:
        cache.pop(PORTAL_SIGNING, None)


class ConfirmationPortal(CustomerPortal):
    """The customer's signature under the credit terms (K6)."""

    @route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        """Odoo's own acceptance; the signature it stores counts as the confirmation."""
        if self._is_login_needed(order_id, access_token):
            return {"error": request.env._("Log in with your account to sign this order.")}
        with signing():
            return super().portal_quote_accept(
                order_id, access_token=access_token, name=name, signature=signature)

    def _is_login_needed(self, order_id, access_token):
        """Whether whoever asks has to log in before he signs; for no order of his Odoo finds the words."""
        access_token = access_token or request.httprequest.args.get("access_token")
        try:
            order = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return False
        return order._is_o2c_login_needed()

    @route(
        ["/my/orders/<int:order_id>/confirm_terms"], type="jsonrpc", auth="public", website=True
    )
    def portal_confirm_terms(self, order_id, access_token=None, name=None, signature=None):
        """Take the signature under an order that Odoo would not let the customer sign any more."""
        access_token = access_token or request.httprequest.args.get("access_token")
        try:
            order = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return {"error": request.env._("Invalid order.")}
        if order._is_o2c_login_needed():
            return {"error": request.env._("Log in with your account to sign this order.")}
        if not order._is_o2c_terms_to_confirm():
            return {"error": request.env._("There is nothing to sign on this order.")}
        if not (signature and name):
            return {"error": request.env._("Signature is missing.")}
        if request.env.user._is_internal():
            return {
                "error": request.env._(
                    "Only the customer signs here. Record the signed document on the order."
                )
            }
        self._sign_terms(order, name, signature)
        return {
            "force_refresh": True,
            "redirect_url": order.get_portal_url(query_string="&message=terms_ok"),
        }

    def _sign_terms(self, order, name, signature):
        with signing():
            order.write(
                {"signed_by": name, "signed_on": fields.Datetime.now(), "signature": signature}
            )
        order.message_post(
            author_id=(order.partner_id if request.env.user._is_public() else request.env.user.partner_id).id,
            body=request.env._("Credit terms signed by %s", name),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
