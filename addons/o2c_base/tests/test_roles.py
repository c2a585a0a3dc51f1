from odoo.tests import tagged

from .common import O2cCommon

ROLES = (
    "group_credit_officer", "group_credit_manager", "group_collector", "group_finance_officer",
    "group_finance_director", "group_general_manager", "group_legal_counsel",
    "group_policy_administrator", "group_auditor",
)


@tagged("post_install", "-at_install")
class TestRoles(O2cCommon):

    def test_every_role_opens_the_app(self):
        for role in ROLES:
            with self.subTest(role):
                user = self.make_user(f"r_{role}", role)
                menus = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
                self.assertIn(self.env.ref("o2c_base.menu_overview").id, menus)

    def test_roles_can_be_combined_in_the_access_rights_form(self):
        privileges = self.env["res.groups"].browse(
            self.env.ref(f"o2c_base.{role}").id for role in ROLES).mapped("privilege_id")
        self.assertEqual(len(privileges), 7)
        self.assertEqual(privileges.category_id, self.env.ref("o2c_base.module_category_o2c"))
        # Two roles of one privilege exclude each other in the form, so the higher implies the lower.
        for low, high in (("credit_officer", "credit_manager"), ("finance_officer", "finance_director")):
            self.assertIn(
                self.env.ref(f"o2c_base.group_{low}"),
                self.env.ref(f"o2c_base.group_{high}").all_implied_ids)

    def test_names_of_roles_stand_alone(self):
        groups = self.env["res.groups"].browse(self.env.ref(f"o2c_base.{role}").id for role in ROLES)
        self.assertEqual(groups.mapped("display_name"), [
            "Credit Officer", "Credit Manager", "Collector", "Finance Officer", "Finance Director",
            "General Manager", "Legal Counsel", "Policy Administrator", "Auditor",
        ])
        self.assertIn("/", self.env.ref("sales_team.group_sale_manager").display_name)
        found = self.env["res.groups"].search([("full_name", "=", "Credit Manager")])
        self.assertEqual(found, self.env.ref("o2c_base.group_credit_manager"))

    def test_administrator_gets_no_deciding_role(self):
        admin = self.env.ref("base.user_admin")
        held = {role for role in ROLES if admin.has_group(f"o2c_base.{role}")}
        self.assertEqual(held, {"group_policy_administrator", "group_auditor"})

    def test_auditor_reads_everything_of_the_suite(self):
        auditor = self.make_user("r_auditor", "group_auditor")
        for name in self.suite_models():
            with self.subTest(name):
                self.assertTrue(self.env[name].with_user(auditor).has_access("read"))

    def test_auditor_changes_nothing_that_any_employee_may_not_change(self):
        auditor, employee = self.make_user("r_auditor", "group_auditor"), self.make_user("r_anybody")
        for name in self.suite_models():
            for operation in ("write", "create", "unlink"):
                with self.subTest(f"{operation} {name}"):
                    self.assertEqual(
                        self.env[name].with_user(auditor).has_access(operation),
                        self.env[name].with_user(employee).has_access(operation))

    def suite_models(self):
        """Models with records that stay; wizards write nothing but themselves."""
        return [
            name for name, model in self.env.registry.items()
            if name.startswith("o2c.") and not name.startswith("o2c.test.")
            and not model._abstract and not model._transient
        ]

    def test_employee_without_role_reads_no_register(self):
        employee = self.make_user("r_employee", "sales_team.group_sale_salesman")
        self.assertFalse(self.env["o2c.register"].with_user(employee).has_access("read"))
        menus = self.env["ir.ui.menu"].with_user(employee)._visible_menu_ids()
        self.assertNotIn(self.env.ref("o2c_base.menu_register").id, menus)
