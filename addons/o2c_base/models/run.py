"""Long runs: batches by cron, progress, pause and resume."""

import logging
from datetime import timedelta

import psycopg2
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH = 50


class RunMixin(models.AbstractModel):
    """Work through many lines in the background.

    draft → planned → running → done, with pauses. The concrete model declares ``line_ids``
    (one2many to a model with ``o2c.run.line.mixin``), finds the work in
    ``_prepare_run_lines`` and does one piece of it in ``_run_line``. Several workers and
    hosts may share a run: each takes lines that no other has locked.
    """

    _name = "o2c.run.mixin"
    _inherit = ["o2c.transition.mixin", "mail.thread"]
    _description = "Run"
    _order = "id desc"

    _guarded_fields = ("starter_id", "date_started", "date_finished")
    _guarded_create_allowed = True
    _guarded_unlink_allowed = True
    _transition_event = "run_state"
    _transitions = {
        "draft": ("planned", "running"),
        "planned": ("draft", "running"),
        "running": ("paused", "done", "failed"),
        "paused": ("running",),
        "failed": ("running",),
        "done": ("running",),
    }

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="restrict",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("planned", "Planned"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    date_planned = fields.Datetime(
        string="Start at",
        copy=False,
        help="A planned run starts by itself at this moment.",
    )
    starter_id = fields.Many2one(
        "res.users",
        string="Started by",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The work is done with the rights of this user.",
    )
    date_started = fields.Datetime(string="Started on", readonly=True, copy=False)
    date_finished = fields.Datetime(string="Finished on", readonly=True, copy=False)

    # Counted, not stored: workers that update one row for each line would stop each other.
    total = fields.Integer(string="Lines", compute="_compute_progress")
    done_count = fields.Integer(string="Done", compute="_compute_progress")
    error_count = fields.Integer(string="Errors", compute="_compute_progress")
    progress = fields.Float(compute="_compute_progress", help="Share of lines worked on, in percent.")

    # === COMPUTES === #

    @api.depends("state")
    def _compute_progress(self):
        counts = {}
        for run, state, count in self._get_line_model()._read_group(
                [(self._get_run_field(), "in", self.ids)],
                [self._get_run_field(), "state"], ["__count"]):
            counts.setdefault(run.id, {})[state] = count
        for run in self:
            count = counts.get(run._origin.id, {})
            run.total = sum(count.values())
            run.done_count = count.get("done", 0)
            run.error_count = count.get("error", 0)
            worked = run.done_count + run.error_count
            run.progress = 100.0 * worked / run.total if run.total else 0.0

    # === CHECKS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        for run in self:
            if run.state != "draft":
                raise UserError(self.env._(
                    "%(run)s has been started or planned and stays in the history.",
                    run=run.display_name))

    # === ACTIONS === #

    def action_plan(self):
        """Let drafts start by themselves at the moment set."""
        self._check_run_right()
        for run in self:
            if not run.date_planned:
                raise UserError(self.env._("Say first when %s shall start.", run.display_name))
            run._move_state("planned", vals={"starter_id": self.env.uid}, message=self.env._(
                "%(run)s is planned for %(moment)s (UTC)",
                run=run.display_name, moment=run.date_planned))
            run._trigger(run.date_planned)
        return True

    def action_unplan(self):
        """Take planned runs back to draft."""
        self._check_run_right()
        return self._move_state("draft", message=lambda run: self.env._(
            "%s is a draft again", run.display_name))

    def action_start(self):
        """Find the work and let the background do it."""
        self._check_run_right()
        for run in self:
            run._start(self.env.user)
        return True

    def action_pause(self):
        """Stop after the batch that is being worked on."""
        self._check_run_right()
        return self._move_state("paused", message=lambda run: self.env._(
            "%s was paused", run.display_name))

    def action_resume(self):
        """Go on where the run was paused or stopped."""
        self._check_run_right()
        self._check_state_is("paused", "failed")
        self._move_state("running", message=lambda run: self.env._(
            "%s was resumed", run.display_name))
        return self._trigger()

    def action_retry_errors(self):
        """Try lines with an error once more."""
        self._check_run_right()
        self._check_state_is("done", "failed")
        for run in self:
            lines = run._get_line_model().sudo().search([
                (run._get_run_field(), "=", run.id), ("state", "=", "error")])
            if not lines:
                raise UserError(self.env._("%s has no line with an error.", run.display_name))
            lines._guarded_write({"state": "pending", "message": False})
            run._move_state(
                "running", vals={"date_finished": False}, evidence={"lines": len(lines)},
                message=self.env._("%(run)s: %(count)s lines are tried again",
                                   run=run.display_name, count=len(lines)))
        return self._trigger()

    # === BUSINESS METHODS === #

    def _run_batch(self, limit=BATCH):
        """Work on up to ``limit`` pending lines that no other worker holds. Never commits.

        :return: number of lines worked on; 0 when nothing is left or the run is not running
        """
        self.ensure_one()
        if self.state != "running":
            return 0
        lines = self._take_lines(limit)
        self._with_starter()._process_lines(lines)
        if not self._count_pending():
            self._finish()
        elif not lines:
            # Other workers hold the rest: look again, in case they die.
            self._trigger(fields.Datetime.now() + timedelta(minutes=1))
        return len(lines)

    @api.model
    def _cron_run_batches(self):
        """Work on all runs of all models, a committed batch at a time."""
        cron = self.env["ir.cron"]
        self._start_planned_runs()
        runs = [run for model in self._get_run_models() for run in model.search([("state", "=", "running")])]
        cron._commit_progress(remaining=sum(run._count_pending() for run in runs))
        for run in runs:
            if not run._work_until_empty(cron):
                return

    def _work_until_empty(self, cron):
        """Work on one run; say whether there is time left."""
        try:
            while count := self._run_batch():
                if not cron._commit_progress(count):
                    return False
        except psycopg2.OperationalError:
            self.env.cr.rollback()
            _logger.info("%s collided with another worker; the next call goes on", self)
            self._trigger()
        except Exception as error:
            # Errors of lines are kept in the lines; this one is of the run itself.
            self.env.cr.rollback()
            _logger.exception("%s can't go on", self)
            self._fail(error)
        return True

    # === HOOKS === #

    def _check_run_right(self):
        """Who may start, pause and resume; by default who may edit the run."""
        self.check_access("write")

    def _prepare_run_lines(self):
        """Create the lines (set-based) when the run starts; none may exist yet."""

    def _process_lines(self, lines):
        """Work on the lines of a batch, each for itself.

        Override it where many at once are much faster, and fall back to this when that fails.
        """
        for line in lines:
            line._process(self)

    def _run_line(self, line):
        """Do the work of one line, as the user who started the run.

        :return: result for the user, or None
        :raise UserError: shown in the line
        """
        raise NotImplementedError

    # === HELPERS === #

    @api.model
    def _get_line_model(self):
        return self.env[self._fields["line_ids"].comodel_name]

    @api.model
    def _get_run_field(self):
        return self._fields["line_ids"].inverse_name

    @api.model
    def _get_run_models(self):
        names = self.env.registry.descendants(["o2c.run.mixin"], "_inherit")
        return [self.env[name].sudo() for name in names if not self.env[name]._abstract]

    def _start(self, starter):
        self._check_state_is("draft", "planned")
        self._move_state("running", message=self.env._("%s was started", self.display_name), vals={
            "starter_id": starter.id, "date_started": fields.Datetime.now()})
        self._with_starter()._prepare_run_lines()
        if not self._count_pending():
            self._finish()
        else:
            self._trigger()

    @api.model
    def _start_planned_runs(self):
        for model in self._get_run_models():
            for run in model.search([
                    ("state", "=", "planned"), ("date_planned", "<=", fields.Datetime.now())]):
                if run.try_lock_for_update(allow_referencing=True):
                    run._start_planned()

    def _start_planned(self):
        """Start one planned run; what can't start becomes a draft again and says why."""
        try:
            with self.env.cr.savepoint():
                self._start(self.starter_id)
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            _logger.exception("%s could not start", self)
            message = self.env._("%(run)s could not start: %(error)s",
                                 run=self.display_name, error=error)
            self._move_state("draft", message=message)
            self._tell_starter(message)

    def _with_starter(self):
        starter = self.sudo().starter_id
        return self.with_user(starter).with_company(self.company_id).with_context(
            lang=starter.lang, tz=starter.tz, allowed_company_ids=self.company_id.ids)

    def _take_lines(self, limit):
        lines = self._get_line_model().sudo()
        lines.flush_model(["state", self._get_run_field()])
        rows = self.env.execute_query(SQL(
            "SELECT id FROM %s WHERE %s = %s AND state = 'pending' ORDER BY id LIMIT %s"
            " FOR NO KEY UPDATE SKIP LOCKED",
            SQL.identifier(lines._table), SQL.identifier(self._get_run_field()), self.id, limit))
        return lines.browse([line_id for [line_id] in rows])

    def _count_pending(self):
        return self._get_line_model().sudo().search_count([
            (self._get_run_field(), "=", self.id), ("state", "=", "pending")])

    def _check_state_is(self, *states):
        labels = self._get_state_labels()
        for run in self:
            if run.state not in states:
                raise UserError(self.env._(
                    "%(run)s is %(state)s.", run=run.display_name, state=labels[run.state]))

    def _finish(self):
        """Close the run and tell its starter, unless another worker is just doing so."""
        if not self.try_lock_for_update(allow_referencing=True):
            return
        self.invalidate_recordset(["total", "done_count", "error_count", "progress"])
        failed = self.total and self.error_count == self.total
        message = self.env._(
            "%(run)s is finished: %(done)s of %(total)s lines done, %(errors)s with an error.",
            run=self.display_name, done=self.done_count, total=self.total, errors=self.error_count)
        self._move_state(
            "failed" if failed else "done",
            message=message,
            vals={"date_finished": fields.Datetime.now()},
            evidence={"total": self.total, "done": self.done_count, "errors": self.error_count},
        )
        self._tell_starter(message)

    def _fail(self, error):
        """Stop a run that can't go on by itself, and say why."""
        message = self.env._("%(run)s stopped: %(error)s", run=self.display_name, error=error)
        self._move_state("failed", message=message)
        self._tell_starter(message)

    def _tell_starter(self, message):
        run = self.sudo()
        run.message_post(
            body=message,
            partner_ids=run.starter_id.partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )

    @api.model
    def _trigger(self, at=None):
        self.env.ref("o2c_base.cron_run_batches").sudo()._trigger(at)
        return True

    def _guard_get_hint(self):
        return self.env._("Use the buttons Start, Pause and Resume.")
