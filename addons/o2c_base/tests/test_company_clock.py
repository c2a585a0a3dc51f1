from datetime import date, datetime

from freezegun import freeze_time
from odoo.tests import tagged

from .common import O2cCommon


@tagged("post_install", "-at_install")
class TestCompanyClock(O2cCommon):

    @freeze_time("2025-06-30 16:30:00")
    def test_today_is_the_day_where_the_company_is(self):
        self.company.o2c_tz = "America/New_York"
        self.assertEqual(self.company._o2c_today(), date(2025, 6, 30))
        self.assertEqual(self.company_b._o2c_today(), date(2025, 7, 1))
        self.assertEqual(self.company_b._o2c_now().strftime("%H:%M %z"), "00:30 +0800")

    def test_midnight_is_given_in_utc(self):
        self.company.o2c_tz = "Europe/Berlin"
        self.assertEqual(self.company._o2c_midnight(date(2025, 7, 1)), datetime(2025, 6, 30, 22, 0))
        self.assertEqual(self.company._o2c_midnight(date(2025, 1, 1)), datetime(2024, 12, 31, 23, 0))

    def test_settings_change_the_company(self):
        self.env["res.config.settings"].create({"o2c_tz": "Asia/Tokyo"}).execute()
        self.assertEqual(self.company.o2c_tz, "Asia/Tokyo")
