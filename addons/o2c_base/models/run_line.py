"""Lines of long runs."""

import logging

import psycopg2
from odoo import fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class RunLineMixin(models.AbstractModel):
    """One unit of work of a run. The concrete model declares ``run_id`` (cascade)."""

    _name = "o2c.run.line.mixin"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Line of a Run"
    _order = "id"

    _guarded_fields = ("state", "message", "run_id")

    state = fields.Selection(
        [("pending", "Pending"), ("done", "Done"), ("error", "Error")],
        required=True,
        readonly=True,
        default="pending",
        copy=False,
        index=True,
    )
    message = fields.Text(string="Result", readonly=True, copy=False)

    # === BUSINESS METHODS === #

    def _process(self, run):
        """Do the work of one line; a failure undoes this line only.

        Work and state belong to one transaction: after a crash the line is either done or
        pending, never half.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                message = run._run_line(self.with_env(run.env))
        except psycopg2.OperationalError:
            # Lost connection, deadlock or a colliding transaction: the batch starts again.
            raise
        except UserError as error:
            self._guarded_write({"state": "error", "message": str(error)})
        except Exception as error:
            _logger.exception("%s failed", self)
            self._guarded_write({
                "state": "error",
                "message": self.env._("Unexpected error: %s", error),
            })
        else:
            self._guarded_write({"state": "done", "message": message or False})

    def _guard_get_hint(self):
        return self.env._("Lines of a run are written by the run itself.")
