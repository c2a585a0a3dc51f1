from odoo.http import Controller, content_disposition, request, route


class QuantityCheckController(Controller):

    @route("/o2c_month_end/quantities/<int:check_id>/xlsx", type="http", auth="user", readonly=True)
    def download_quantities(self, check_id):
        """Spreadsheet of a check, for whoever may read it."""
        check = request.env["o2c.quantity.check"].browse(check_id).exists()
        if not check:
            raise request.not_found()
        check.check_access("read")
        check.line_ids.check_access("read")
        return request.make_response(check._prepare_xlsx(), headers=[
            ("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("Content-Disposition", content_disposition(f"{check.display_name}.xlsx")),
        ])
