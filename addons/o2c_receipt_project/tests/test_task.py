from odoo import Command
from odoo.addons.o2c_receipt.tests.schedule_common import ScheduleCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install", "o2c")
class TestTask(ScheduleCase):
    """Installation waits for the deposit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dispatcher = cls.make_user("dispatcher", "project.group_project_manager")
        cls.technician = cls.make_user("technician", "project.group_project_user")
        cls.project = cls.env["project.project"].create({
            "name": "Installations", "allow_billable": True, "type_ids": [
                Command.create({"name": "New", "sequence": 1}),
                Command.create({"name": "On site", "sequence": 2})],
        })
        cls.installation = cls.env["product.product"].create({
            "name": "Installation", "type": "service", "list_price": 100.0, "invoice_policy": "order",
            "service_tracking": "task_global_project", "project_id": cls.project.id,
            "taxes_id": [Command.clear()],
        })
        cls.set_mode("enforcing")

    @classmethod
    def set_mode(cls, mode, severity="hold"):
        cls.env["o2c.control.setting"].search([
            ("control_id.code", "=", "first_payment_task"), ("company_id", "=", cls.company.id),
        ]).write({"mode": mode, "severity": severity})

    def make_task(self, template=None):
        order = self.make_order(1000, confirm=False)
        order.order_line.write({"product_id": self.installation.id})
        order.order_line.write({"price_unit": 1000, "tax_ids": [Command.clear()]})
        order.o2c_schedule_template_id = self.template if template is None else template
        order.with_user(self.seller).action_confirm()
        self.assertEqual(order.state, "sale")
        task = order.tasks_ids
        self.assertEqual(len(task), 1)
        return order, task.with_user(self.dispatcher)

    def refuse(self, task, values):
        before = (task.stage_id, task.user_ids, task.state, task.sale_line_id)
        with self.assertRaises(UserError), self.cr.savepoint():
            task.write(values)
        self.env.invalidate_all()
        self.assertEqual((task.stage_id, task.user_ids, task.state, task.sale_line_id), before)

    def get_starts(self):
        return (
            {"user_ids": [Command.link(self.technician.id)]},
            {"user_ids": [Command.set(self.technician.ids)]},
            {"stage_id": self.project.type_ids[1].id}, {"state": "1_done"}, {"state": "03_approved"},
        )

    def test_task_starts_once_the_deposit_is_there(self):
        order, task = self.make_task()
        self.assertIn("300.00", task.o2c_first_payment_text)
        for values in self.get_starts():
            self.refuse(task, values)
        self.allocate(self.make_payment(299.99), {order: 299.99})
        self.refuse(task, self.get_starts()[0])
        self.allocate(self.make_payment(0.01), {order: 0.01})
        self.env.invalidate_all()
        self.assertFalse(task.o2c_first_payment_text)
        for values in self.get_starts():
            task.write(values)
        self.assertEqual(task.user_ids, self.technician)

    def test_task_does_not_slip_away_from_its_order(self):
        _order, task = self.make_task()
        # Without a line the task still belongs to the order.
        task.write({"sale_line_id": False})
        self.refuse(task, self.get_starts()[0])
        other = self.make_order(10)
        self.refuse(task, {"sale_line_id": other.order_line.id})
        task.write({"name": "Install and test", "state": "1_canceled"})

    def test_new_task_of_the_order_does_not_start_either(self):
        order, _task = self.make_task()
        values = {"name": "More", "project_id": self.project.id, "sale_line_id": order.order_line.id}
        with self.assertRaises(UserError), self.cr.savepoint():
            self.call(self.dispatcher, "project.task", "create", [
                {**values, "user_ids": [Command.link(self.technician.id)]}])
        self.call(self.dispatcher, "project.task", "create", [values])

    def test_observing_writes_it_down_and_off_does_not(self):
        self.set_mode("observing")
        _order, task = self.make_task()
        task.write({"user_ids": [Command.link(self.technician.id)]})
        entry = self.env["o2c.register"].search([("event", "=", "task_observed")], limit=1)
        self.assertEqual((entry.res_id, entry.amount), (task.id, 300))
        self.set_mode("off")
        _order, task = self.make_task()
        count = self.env["o2c.register"].search_count([])
        task.write({"user_ids": [Command.link(self.technician.id)]})
        self.assertEqual(self.env["o2c.register"].search_count([("event", "=", "task_observed")]), 1)
        self.assertEqual(self.env["o2c.register"].search_count([]), count)

    def test_severity_of_the_company_decides(self):
        count = self.env["o2c.register"].search_count([("event", "=", "task_observed")])
        for severity, written in (("pass", 0), ("warn", 1)):
            self.set_mode("enforcing", severity)
            _order, task = self.make_task()
            self.assertTrue(task.o2c_first_payment_text)
            task.write({"user_ids": [Command.link(self.technician.id)]})
            self.assertEqual(task.user_ids, self.technician)
            self.assertEqual(
                self.env["o2c.register"].search_count([("event", "=", "task_observed")]), count + written)
        for severity in ("hold", "forbid"):
            self.set_mode("enforcing", severity)
            _order, task = self.make_task()
            self.refuse(task, {"user_ids": [Command.link(self.technician.id)]})

    def test_order_without_deposit_and_other_tasks_start(self):
        later = self.make_template("Later", [{"kind": "retention", "percent": 100, "days": 30}])
        for template in (later, self.env["o2c.schedule.template"]):
            _order, task = self.make_task(template)
            task.write({"user_ids": [Command.link(self.technician.id)]})
        plain = self.env["project.task"].create({"name": "Plain", "project_id": self.project.id})
        plain.with_user(self.dispatcher).write({"state": "1_done"})
