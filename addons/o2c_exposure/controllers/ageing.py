from odoo.http import Controller, content_disposition, request, route


class AgeingController(Controller):

    @route("/o2c_exposure/ageing/<int:ageing_id>/xlsx", type="http", auth="user", readonly=True)
    def download_ageing(self, ageing_id):
        """Spreadsheet of a snapshot; only its owner can read it."""
        ageing = request.env["o2c.ageing"].browse(ageing_id).exists()
        if not ageing:
            raise request.not_found()
        request.env["o2c.exposure"]._check_reader()
        ageing.check_access("read")
        return request.make_response(ageing._prepare_xlsx(), headers=[
            ("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("Content-Disposition", content_disposition(f"{ageing.display_name}.xlsx")),
        ])
