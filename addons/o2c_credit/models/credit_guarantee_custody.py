from odoo import fields, models
from odoo.exceptions import AccessError

KEEPERS = ("o2c_base.group_credit_officer", "o2c_base.group_finance_officer")


class CreditGuaranteeCustody(models.Model):
    """The original of a paper was received, moved or handed out. Never edited."""

    _name = "o2c.credit.guarantee.custody"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Custody of a document"
    _order = "id desc"
    _rec_name = "place"

    _guarded_fields = "*"

    document_id = fields.Many2one(
        "o2c.credit.guarantee.document", required=True, index=True, ondelete="restrict"
    )
    guarantee_id = fields.Many2one(related="document_id.guarantee_id", store=True, index=True)
    company_id = fields.Many2one(
        related="document_id.company_id", store=True, index=True, ondelete="restrict"
    )
    direction = fields.Selection(
        [("in", "Received"), ("move", "Moved"), ("out", "Handed out")], required=True
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", string="Registered by", required=True, ondelete="restrict")
    person = fields.Char(string="From or to", help="Who brought the original, or to whom it was given.")
    place = fields.Char(help="Where the original is from now on: safe, bank box, lawyer.")
    holder = fields.Char(string="Held by", help="Who answers for it from now on.")
    note = fields.Char()

    # === BUSINESS METHODS === #

    def _record(self, document, vals):
        """Write down where an original is, on behalf of ``env.user``.

        :param vals: direction, person, place, holder, note
        :raise AccessError: unless credit or finance keeps it
        """
        document.check_access("read")
        if not any(map(self.env.user.has_group, KEEPERS)):
            raise AccessError(
                self.env._("Originals of guarantees are kept by credit management and finance: ask them.")
            )
        entry = self.sudo()._guarded_create(
            [{**vals, "document_id": document.id, "user_id": self.env.user.id}]
        )
        directions = dict(self._fields["direction"]._description_selection(self.env))
        self.env["o2c.register"]._log(
            document.guarantee_id.sudo(),
            "guarantee_custody",
            self.env._(
                "%(guarantee)s, original of %(document)s: %(direction)s, held by %(holder)s, %(place)s",
                guarantee=document.sudo().guarantee_id.display_name,
                document=document.name,
                direction=directions[entry.direction],
                holder=entry.holder or entry.person or "-",
                place=entry.place or "-",
            ),
            evidence={
                name: vals.get(name) or "" for name in ("direction", "person", "place", "holder", "note")
            },
        )
        return entry
