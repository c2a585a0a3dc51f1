"""Fields that only the model itself may write."""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import ormcache

from .wording import join_names

PASS_KEY = "o2c_guard_pass"

WEAK_TYPES = ("many2one", "many2many", "binary")
# Mail keeps its own pointer here while somebody posts on a document; it carries no decision.
NEVER_GUARDED = frozenset({"message_main_attachment_id"})


class _Pass:
    """Permission for one guarded call of one model.

    Remote callers choose the context freely but can only send JSON, so they can never send an
    instance of this class. It is spent by the first call that presents it: whatever inherits
    the context afterwards holds a worthless object.
    """

    __slots__ = ("model", "operation", "spent")

    def __init__(self, model: str, operation: str):
        self.model = model
        self.operation = operation
        self.spent = False

    def spend(self, model: str, operation: str) -> bool:
        """Say whether the pass is good for this call, and make it worthless if so."""
        if self.spent or (self.model, self.operation) != (model, operation):
            return False
        self.spent = True
        return True


class GuardedMixin(models.AbstractModel):
    """Refuse direct create, write and unlink of what carries decisions.

    Access rights say who may touch a record; they can't say through which door. Everybody who
    may write a document may write any of its fields through the external API, so the fields
    that hold decisions accept values only from ``_guarded_write`` and ``_guarded_create``,
    which are private and thus out of reach from outside. Superusers are no exception.

    List this mixin first in ``_inherit``, so that its checks run before anything else.
    """

    _name = "o2c.guarded.mixin"
    _description = "Guarded Fields"

    # Class attributes of all classes of the model add up: an extension can guard more, never less.
    _guarded_fields: tuple[str, ...] | str = ()
    # Links that deleting their target may empty, because plain values keep what they said.
    _guarded_links: tuple[str, ...] = ()
    _guarded_create_allowed = False
    _guarded_unlink_allowed = False

    # === ENTRANCES FOR THE MODEL'S OWN METHODS === #

    def _guarded_create(self, vals_list):
        """Create records with any values. For methods that have checked the caller's right."""
        return self._guard_with_pass("create").create(vals_list)

    def _guarded_write(self, vals):
        """Write any field. For methods that have checked the caller's right."""
        return self._guard_with_pass("write").write(vals)

    def _guarded_unlink(self):
        """Delete records. For methods that have checked the caller's right."""
        return self._guard_with_pass("unlink").unlink()

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse guarded values, and the whole call where records are made by actions only.

        :raise AccessError: naming the proper way
        """
        if not self._guard_spend_pass("create"):
            self._guard_check_create(vals_list)
        return super(GuardedMixin, self._guard_clean_context()).create(vals_list)

    def write(self, vals):
        """Refuse guarded fields.

        :raise AccessError: naming the proper way
        """
        if not self._guard_spend_pass("write"):
            self._guard_check_write(vals)
        return super(GuardedMixin, self._guard_clean_context()).write(vals)

    def unlink(self):
        """Refuse, unless records of the model may be deleted.

        :raise AccessError: naming the proper way
        """
        if not self._guard_spend_pass("unlink") and self and not self._guarded_unlink_allowed:
            self._guard_refuse("unlink", ())
        return super(GuardedMixin, self._guard_clean_context()).unlink()

    @api.model
    def default_get(self, fields):
        """Give guarded fields their own default only.

        The context (``default_state``) and personal defaults (``ir.default``, which every user
        may write) would otherwise decide about values that nobody passed.
        """
        guarded = [name for name in fields if self._guard_covers(name)]
        free = [name for name in fields if name not in guarded]
        clean = self._guard_clean_context()
        values = super(GuardedMixin, clean).default_get(free)
        for name in guarded:
            field = clean._fields.get(name)
            if field and field.default:
                value = field.convert_to_cache(field.default(clean), clean, validate=False)
                values[name] = field.convert_to_write(value, clean)
        return values

    def copy_data(self, default=None):
        """Leave guarded values behind: a copy starts undecided."""
        asked = set(default or ())
        return [
            {name: value for name, value in vals.items()
             if name in asked or not self._guard_covers(name)}
            for vals in super().copy_data(default)
        ]

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        # Reached from the public update_field_translations(), and writes without write().
        if self._guard_covers(field_name):
            self._guard_refuse("write", (field_name,))
        return super()._update_field_translations(
            field_name, translations, digest=digest, source_lang=source_lang)

    # === CHECKS === #

    def _guard_check_create(self, vals_list):
        if not self._guarded_create_allowed:
            self._guard_refuse("create", ())
        blocked = {name for vals in vals_list for name in vals if self._guard_covers(name)}
        if blocked:
            self._guard_refuse("create", blocked)

    def _guard_check_write(self, vals):
        blocked = {name for name in vals if self._guard_covers(name)}
        if blocked:
            self._guard_refuse("write", blocked)

    def _guard_refuse(self, operation, field_names):
        """Register the attempt in a transaction of its own and raise."""
        message = self._guard_get_message(operation, field_names)
        self.env["o2c.register"]._log_refusal(self[:1], "guard_refused", message, evidence={
            "operation": operation,
            "fields": sorted(field_names),
            "ids": self.ids[:100],
        })
        raise AccessError(message)

    # === HELPERS === #

    @api.model
    @ormcache()
    def _guard_get_fields(self):
        """Guarded field names of all classes of the model, with ``"*"`` where all are."""
        names = set()
        for cls in type(self).__mro__:
            declared = vars(cls).get("_guarded_fields", ())
            names.update((declared,) if isinstance(declared, str) else declared)
        return frozenset(names)

    def _guard_covers(self, name) -> bool:
        guarded = self._guard_get_fields()
        return name in guarded or ("*" in guarded and name not in NEVER_GUARDED)

    def _guard_with_pass(self, operation):
        return self.with_context(**{PASS_KEY: _Pass(self._name, operation)})

    def _guard_spend_pass(self, operation) -> bool:
        permission = self.env.context.get(PASS_KEY)
        return type(permission) is _Pass and permission.spend(self._name, operation)

    def _guard_clean_context(self):
        """The same records without the pass and without defaults for guarded fields."""
        context = self.env.context
        dropped = {
            key for key in context
            if key == PASS_KEY or (key.startswith("default_") and self._guard_covers(key[8:]))
        }
        if not dropped:
            return self
        return self.with_context({key: context[key] for key in context if key not in dropped})

    @api.model
    def _guard_get_weaknesses(self):
        """Ways by which deleting something else would change guarded records. For tests.

        The database follows foreign keys without asking the ORM, so ``cascade`` may lead to
        guarded models only, and guarded fields must not be emptied.
        """
        guarded_models = self.env.registry.descendants(["o2c.guarded.mixin"], "_inherit")
        weaknesses = []
        for name, field in self._fields.items():
            if not field.store or name in models.MAGIC_COLUMNS or field.type not in WEAK_TYPES:
                continue
            covered = self._guard_covers(name)
            if field.type == "binary":
                weak = covered and field.attachment
            elif field.comodel_name in guarded_models:
                weak = False
            elif field.type == "many2one":
                kept = name in self._guarded_links
                weak = field.ondelete == "cascade" or (
                    covered and field.ondelete == "set null" and not kept)
            else:
                weak = covered and field.ondelete == "cascade"
            if weak:
                how = getattr(field, "ondelete", "attachment")
                weaknesses.append(f"{self._name}.{name}: {field.type}, {how}")
        return weaknesses

    def _guard_get_message(self, operation, field_names):
        record = self[:1]
        # The refusal must not tell what the caller may not read.
        readable = record and record.has_access("read")
        document = record.display_name if readable else self._description
        hint = self._guard_get_hint()
        if operation == "unlink":
            return self.env._("%(document)s can't be deleted: it is part of the history. %(hint)s",
                              document=document, hint=hint)
        if not field_names:
            return self.env._("%(document)s can't be created directly. %(hint)s",
                              document=self._description, hint=hint)
        labels = join_names(self.env, sorted(
            self._fields[name]._description_string(self.env) if name in self._fields else name
            for name in field_names
        ))
        return self.env._("%(document)s: %(fields)s can't be set directly. %(hint)s",
                          document=document, fields=labels, hint=hint)

    # === HOOKS === #

    def _guard_get_hint(self) -> str:
        """Tell the user which action does properly what was refused."""
        return self.env._("Use the buttons of the document.")
