from contextlib import contextmanager

from odoo import api, fields, models
from odoo.addons.o2c_base.models.wording import join_sentences
from odoo.addons.o2c_hold.models.passes import refuse, undoing
from odoo.addons.o2c_hold.rules.effect import STOPPING
from odoo.addons.o2c_hold.rules.judgement import Judgement

CODE = "first_payment_task"
STARTING = frozenset(("user_ids", "stage_id", "state"))
LINKING = frozenset(("sale_line_id", "sale_order_id", "project_id", "partner_id", "parent_id"))
AT_WORK = ("03_approved", "1_done")


class ProjectTask(models.Model):
    """Work for an order starts once its first payment has come in (D7).

    A task has started when somebody is assigned, when it has left the first stage of its project, or
    when it is approved or done. What Odoo makes of a confirmed order is no start.
    """

    _inherit = "project.task"

    o2c_first_payment_text = fields.Char(
        string="First payment", compute="_compute_o2c_first_payment_text", compute_sudo=True)

    # === COMPUTES === #

    @api.depends("sale_order_id")
    def _compute_o2c_first_payment_text(self):
        missing = self._get_o2c_missing()
        for task in self:
            verdict = missing.get(task.sale_order_id)
            task.o2c_first_payment_text = verdict.message if verdict else False

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        # A confirmed order makes its tasks as superuser; nobody has started them by that.
        if self.env.su or all(STARTING.isdisjoint(vals) for vals in vals_list):
            return super().create(vals_list)
        with undoing(self.env):
            tasks = super().create(vals_list)
            tasks._check_o2c_start({})
        return tasks

    def write(self, vals):
        if STARTING.isdisjoint(vals) and LINKING.isdisjoint(vals):
            return super().write(vals)
        with self._gate_o2c_start():
            return super().write(vals)

    @contextmanager
    def _gate_o2c_start(self):
        """Judge what a change does to tasks: undone and refused when one starts too early."""
        before = {task: (task._is_o2c_started(), task.sale_order_id) for task in self.sudo()}
        with undoing(self.env):
            yield
            self._check_o2c_start(before)

    # === CHECKS === #

    def _is_o2c_started(self):
        if self.user_ids or self.state in AT_WORK:
            return True
        stages = self.project_id.type_ids.sorted(lambda stage: (stage.sequence, stage.id))
        return bool(self.stage_id and stages and self.stage_id != stages[0])

    def _check_o2c_start(self, before):
        """Refuse tasks that start, or leave their order, before its first payment.

        :param before: ``{task: (had it started, its order)}``
        """
        concerned = {}
        for task in self.sudo():
            started, order = before.get(task, (False, task.sale_order_id))
            if order != task.sale_order_id or (task._is_o2c_started() and not started):
                concerned[task] = order | task.sale_order_id
        missing = self._get_o2c_missing(self.env["sale.order"].union(*concerned.values()))
        self._judge_o2c_start({
            task: missing[order]
            for task, orders in concerned.items() for order in orders if order in missing
        })

    def _get_o2c_missing(self, orders=None):
        """``{order: verdict}`` of orders whose first payment has not come in. No query without parts."""
        orders = (self.sale_order_id if orders is None else orders).sudo()
        if not orders or not self.env["o2c.instalment"]._is_used():
            return {}
        orders = orders.filtered(lambda order: order.state == "sale" and order.o2c_instalment_ids)
        found = {}
        for order in orders:
            for verdict in order._get_o2c_first_payment_verdicts():
                if verdict.severity != "pass":
                    found[order] = verdict
        return found

    def _judge_o2c_start(self, found):
        """Do with the findings what the company's mode and severity of the control say.

        :param found: ``{task: verdict}``
        """
        effects = {task: task._judge_o2c_verdict(verdict).effect for task, verdict in found.items()}
        entries = {
            task: task._prepare_o2c_entry(verdict)
            for task, verdict in found.items() if effects[task] != "none"
        }
        stopped = {task: entry for task, entry in entries.items() if effects[task] in STOPPING}
        if stopped:
            advice = self.env["o2c.control"].sudo().search([("code", "=", CODE)]).advice
            texts = [
                self.env._("Task %(task)s can't start: %(reason)s", task=task.name, reason=entry["message"])
                for task, entry in stopped.items()
            ]
            refuse(self.env, join_sentences(self.env, [*texts, advice]), [
                {**entry, "event": "step_refused"} for entry in stopped.values()])
        self.env["o2c.register"]._log_many(
            [{**entry, "event": "task_observed"} for entry in entries.values()])

    def _judge_o2c_verdict(self, verdict):
        company = self.sale_order_id.company_id or self.company_id or self.env.company
        return Judgement(verdict, self.env["o2c.control"]._get_setting(CODE, company))

    def _prepare_o2c_entry(self, verdict):
        order = self.sale_order_id
        return {
            "record": self,
            "message": verdict.message,
            "partner": order._get_o2c_debtor() or None,
            "amount": verdict.excess,
            "currency": (order.company_id or self.env.company).currency_id,
            "company": order.company_id or self.env.company,
            "evidence": dict(verdict.evidence),
        }
