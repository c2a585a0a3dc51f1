from lxml import etree
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install", "o2c")
class TestScreens(ApprovalCommon):
    """What the screens ask of the server, as users with real groups."""

    def get_specification(self, user, view_type):
        """The fields that the web client reads for this view."""
        view = self.env["o2c.request"].with_user(user).get_view(view_type=view_type)
        names = {node.get("name") for node in etree.fromstring(view["arch"]).iter("field")}
        fields = self.env["o2c.request"]._fields
        return {
            name: {"fields": {"display_name": {}}} if fields[name].relational else {}
            for name in names
            if name in fields
        }

    def read_to_approve(self, user, view_type):
        requests = self.env["o2c.request"].with_env(self.env(user=user, context={"lang": "en_US"}))
        return requests.web_search_read(
            [("can_decide", "=", True)], self.get_specification(user, view_type), limit=81
        )["records"]

    def test_to_approve_costs_the_same_for_1_and_80_rows(self):
        self.submit(1.0, partner_id=self.customer.id)
        for view_type in ("list", "kanban"):
            self.read_to_approve(self.officer, view_type)
        costs = {}
        for size in (1, 80):
            for number in range(len(self.read_to_approve(self.officer, "list")), size):
                self.submit(10.0 + number, partner_id=self.customer.copy().id)
            for view_type in ("list", "kanban"):
                self.read_to_approve(self.officer, view_type)
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.assertEqual(len(self.read_to_approve(self.officer, view_type)), size)
                costs[view_type, size] = self.env.cr.sql_log_count - before
        self.assertEqual(costs["list", 80], costs["list", 1])
        self.assertEqual(costs["kanban", 80], costs["kanban", 1])
        self.assertLessEqual(costs["list", 80], 25)

    def test_filter_and_button_agree_with_the_decision(self):
        """The set-based answer is the one that the decision gives, for each user and request."""
        self.set_mode("ladder")
        self.env["o2c.segregation.rule"].search([]).active = False
        both = self.make_user("both", "o2c_base.group_credit_officer,sales_team.group_sale_salesman")
        self.env["o2c.delegate"].with_user(self.officer).create(
            {
                "user_id": self.officer.id,
                "delegate_id": self.employee.id,
                "date_from": self.company._o2c_today(),
                "date_to": self.company._o2c_today(),
            }
        )
        signed = self.submit(5000.0)
        self.rpc(self.officer, signed, "action_approve")
        closed = self.submit(800.0)
        self.rpc(self.officer, closed, "action_approve")
        requests = signed | closed | self.submit(800.0) | self.submit(600.0, user=both)
        requests |= self.submit(57500.0, user_id=both.id)
        users = self.seller | self.officer | self.manager | self.general | both | self.employee | self.finance
        answers = set()
        for user in users:
            found = (
                self.env["o2c.request"]
                .with_user(user)
                .search([("can_decide", "=", True), ("id", "in", requests.ids)])
            )
            others = (
                self.env["o2c.request"]
                .with_user(user)
                .search([("can_decide", "!=", True), ("id", "in", requests.ids)])
            )
            self.assertFalse(found & others)
            for request in requests:
                may = request.state == "pending" and user in request._get_hands(request.current_step_id)
                self.assertEqual(
                    request.with_user(user).sudo().can_decide, may, f"{user.login} {request.amount}"
                )
                self.assertEqual(request in found.sudo(), may, f"{user.login} {request.amount}")
                answers.add((user, may))
        self.assertGreater(len({user for user, may in answers if may}), 3)

    def test_cost_of_a_decision(self):
        """About half of the last signature's queries tell the requester by mail."""
        self.set_mode("ladder")
        requests = [self.submit(5000.0 + number) for number in range(2)]
        self.rpc(self.officer, requests[0], "action_approve")
        self.rpc(self.manager, requests[0], "action_approve")
        for user, pinned in ((self.officer, 45), (self.manager, 64)):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.rpc(user, requests[1], "action_approve")
            self.env.flush_all()
            self.assertLessEqual(self.env.cr.sql_log_count - before, pinned, user.login)

    def test_form_shows_the_figures_and_who_may_decide(self):
        request = self.submit(800.0, partner_id=self.customer.id)
        form = request.with_user(self.officer).read()[0]
        self.assertIn("800", form["summary"])
        self.assertEqual(form["decider_names"], "Officer, Manager")
        self.assertTrue(form["can_decide"])
        self.assertFalse(request.with_user(self.seller).can_decide)
        self.assertTrue(request.with_user(self.seller).can_withdraw)
        self.assertFalse(request.with_user(self.officer).can_withdraw)

    def test_each_menu_opens_for_its_users(self):
        menus = {
            "menu_to_approve": self.seller | self.officer | self.auditor,
            "menu_my_requests": self.seller | self.officer,
            "menu_delegates": self.officer | self.admin,
            "menu_decisions": self.finance,
            "menu_all_requests": self.auditor,
            "menu_segregation_conflict": self.auditor | self.admin,
            "menu_authority": self.auditor | self.admin,
            "menu_authority_kind": self.auditor | self.admin,
            "menu_segregation_rule": self.auditor | self.admin,
        }
        for name, users in menus.items():
            menu = self.env.ref(f"o2c_approval.{name}")
            action = menu.action
            for user in users:
                with self.subTest(f"{name} {user.login}"):
                    self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(user)._visible_menu_ids())
                    model = self.env[action.res_model].with_user(user)
                    for view_type in action.view_mode.split(","):
                        model.get_view(view_type=view_type)
                    model.search([], limit=5).read(["display_name"])
            self.assertNotIn(
                self.env.ref("o2c_approval.menu_authority").id,
                self.env["ir.ui.menu"].with_user(self.seller)._visible_menu_ids(),
            )

    def test_overview_counts_what_waits_for_the_reader(self):
        request = self.submit(800.0)
        self.submit(5000.0)
        tile = self.env.ref("o2c_approval.overview_tile_to_approve")
        mine = self.env.ref("o2c_approval.overview_tile_my_requests")
        self.assertEqual(tile.with_user(self.officer).count, 1)
        self.assertEqual(tile.with_user(self.manager).count, 2)
        self.assertEqual(mine.with_user(self.seller)._get_data()["count"], 2)
        request._guarded_write({"deadline": "2020-01-01"})
        self.env.invalidate_all()
        self.assertEqual(tile.with_user(self.officer).tone, "warning")
        self.assertEqual(tile.with_user(self.officer).caption, "1 overdue")

    def test_pivot_of_decisions_tells_how_long_they_took(self):
        request = self.submit(800.0)
        self.env.cr.execute(
            "UPDATE o2c_request_step SET activated_on = activated_on - interval '6 hours' WHERE id = %s",
            [request.step_ids.id],
        )
        self.env.invalidate_all()
        self.rpc(self.officer, request, "action_approve")
        [(group, hours)] = (
            self.env["o2c.request.step"]
            .with_user(self.auditor)
            ._read_group([("request_id", "=", request.id)], ["group_id"], ["hours:avg"])
        )
        self.assertEqual(group, self.env.ref("o2c_base.group_credit_officer"))
        self.assertAlmostEqual(hours, 6.0, places=1)

    def test_state_of_the_latest_request_is_searchable(self):
        documents = self.env["o2c.test.document"]
        none, pending = self.make_document(1.0), self.make_document(2.0)
        pending.action_submit()
        again = self.make_document(3.0)
        again.action_submit()
        self.rpc(self.officer, again.sudo().o2c_request_id, "action_reject", "no")
        again.action_submit()
        mine = [("id", "in", (none | pending | again).ids)]
        for operator, value, expected in (
            ("=", "pending", pending | again),
            ("=", False, none),
            ("!=", False, pending | again),
            ("=", "rejected", documents),
            ("in", ["rejected", "pending"], pending | again),
        ):
            found = documents.with_user(self.seller).search([("o2c_request_state", operator, value), *mine])
            self.assertEqual(found, expected.with_user(self.seller), f"{operator} {value}")
