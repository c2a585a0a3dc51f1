from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route


class PaymentRequestPortal(CustomerPortal):
    """The customer's page of a payment request."""

    @route(["/my/payment-requests/<int:request_id>"], type="http", auth="public", website=True)
    def portal_payment_request(self, request_id, access_token=None, report_type=None, download=False, **kw):
        """Show what is asked for and where to pay it; as PDF with ``report_type``."""
        try:
            document = self._document_check_access("o2c.payment.request", request_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if report_type in ("html", "pdf", "text"):
            return self._show_report(
                model=document,
                report_type=report_type,
                report_ref="o2c_receipt.report_payment_request",
                download=download,
            )
        values = self._get_page_view_values(
            document, access_token, {"payment_request": document, "page_name": "payment_request"},
            "my_payment_requests_history", False, **kw)
        return request.render("o2c_receipt.portal_payment_request", values)
