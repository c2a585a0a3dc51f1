from odoo import Command, api, models

MAGIC = {*models.MAGIC_COLUMNS, "display_name", "company_id", "policy_id", "factor_id"}
PLAIN = ("boolean", "integer", "float", "monetary", "char", "text", "selection")
LINKS = ("many2one", "many2many")
# What belongs to a version and not to the rules in it.
HISTORY = {"state", "version", "previous_id", "is_used", "active", "date_from", "date_to"}
# Parts of a policy, their model and the field of a part's own parts.
PARTS = {"grade_line_ids": {}, "factor_ids": {"band_ids": {}}}


class Preset(models.AbstractModel):
    """A credit policy as plain content, and back.

    Fields are found, not listed, so that a threshold that is added to the policy is in the files, too.
    Links are written by name: countries by code, records of data files by their external id.
    """

    _inherit = "o2c.preset"

    # === TO PLAIN CONTENT === #

    @api.model
    def _dump_policy(self, policy):
        """Content of a credit policy with its grades and its scorecard."""
        return self._dump_record(policy, PARTS)

    @api.model
    def _dump_record(self, record, parts):
        content = {
            name: self._dump_value(record, name)
            for name in self._get_preset_fields(record)
            if record[name] or record._fields[name].type not in LINKS
        }
        for name, inner in parts.items():
            content[name] = [self._dump_record(line, inner) for line in record[name]]
        return content

    @api.model
    def _get_preset_fields(self, model):
        """Names of the fields that somebody sets."""
        return [
            name
            for name, field in model._fields.items()
            if field.store
            and not field.related
            and field.type in (*PLAIN, *LINKS)
            and name not in MAGIC | HISTORY
            and not name.startswith(("message_", "activity_"))
            and (not field.compute or not field.readonly)
        ]

    @api.model
    def _dump_value(self, record, name):
        value = record[name]
        field = record._fields[name]
        if field.type in LINKS:
            names = sorted(self._name_link(one) for one in value)
            return names if field.type == "many2many" else "".join(names)
        if field.type in ("char", "text", "selection"):
            return value or ""
        return value

    @api.model
    def _name_link(self, record):
        if record._name == "res.country":
            return record.code
        if record._name == "o2c.credit.grade":
            return record.name
        return record.sudo().get_external_id()[record.id] or record.display_name

    # === FROM PLAIN CONTENT === #

    @api.model
    def _prepare_policy_vals(self, model, content, parts=None):
        """Values for create or write of a policy or one of its parts."""
        parts = PARTS if parts is None else parts
        fields = model._fields
        vals = {}
        for name, value in content.items():
            if name in parts:
                line = self.env[fields[name].comodel_name]
                vals[name] = [Command.clear(), *(
                    Command.create(self._prepare_policy_vals(line, one, parts[name])) for one in value)]
            elif fields[name].type == "many2many":
                vals[name] = [Command.set([self._find_link(fields[name], one).id for one in value])]
            elif fields[name].type == "many2one":
                vals[name] = self._find_link(fields[name], value).id
            else:
                # An empty text is no text: unique keys look at it otherwise.
                vals[name] = False if value == "" else value
        return vals

    @api.model
    def _find_link(self, field, name):
        """Record that a file names; empty when there is none."""
        model = self.env[field.comodel_name]
        if model._name == "res.country":
            return model.search([("code", "=", name)], limit=1)
        found = self.env.ref(name, raise_if_not_found=False) if "." in name else None
        if found and found._name == model._name:
            return found
        return model.search([(model._rec_name or "name", "=", name)], limit=1)

    @api.model
    def _complete_policy(self, content):
        """The content with the defaults of what it leaves out, in the form of an export."""
        policies = self.env["o2c.credit.policy"]
        return self._dump_policy(policies.new(self._prepare_policy_vals(policies, content)))

    # === WHAT IS WRONG === #

    @api.model
    def _get_policy_problems(self, model, content, place, parts=None):
        """Sentences about what can't be loaded, each with its place."""
        parts = PARTS if parts is None else parts
        known = {*self._get_preset_fields(model), *parts}
        for name, value in content.items():
            field = model._fields.get(name)
            if name not in known:
                yield self.env._(
                    "%(place)s > %(name)s: there is no such field. Remove it.", place=place, name=name)
            elif name in parts:
                for number, line in enumerate(value, start=1):
                    where = f"{place} > {name} {number}"
                    yield from self._get_policy_problems(
                        self.env[field.comodel_name], line, where, parts[name])
            else:
                yield from self._get_value_problems(field, value, f"{place} > {name}")

    def _get_value_problems(self, field, value, place):
        if field.type in LINKS:
            names = value if field.type == "many2many" else [value]
            for name in names:
                # Grades of the same file are made before the policies.
                if name and field.comodel_name != "o2c.credit.grade" and not self._find_link(field, name):
                    yield self.env._(
                        "%(place)s: there is no %(name)s. Create it, or leave it out.",
                        place=place, name=name)
        elif field.type == "selection" and value not in dict(field._description_selection(self.env)):
            yield self.env._(
                "%(place)s: %(value)s is none of %(allowed)s.", place=place, value=value,
                allowed=", ".join(dict(field._description_selection(self.env))))
        elif field.type in ("integer", "float", "monetary") and not isinstance(value, (int, float)):
            yield self.env._("%(place)s: %(value)s is no number.", place=place, value=value)

    # === DIFFERENCES === #

    @api.model
    def _flatten(self, model, content, parts=None, head=""):
        """``{label: value}`` of all values, by which two contents are compared and shown."""
        parts = PARTS if parts is None else parts
        flat = {}
        for name, value in content.items():
            label = f"{head}{model._fields[name]._description_string(self.env)}"
            if name in parts:
                line_model = self.env[model._fields[name].comodel_name]
                for line in value:
                    title = line.get("grade_id") or line.get("name") or line.get("label") or (
                        f"{line.get('value_from', 0.0):g}")
                    flat |= self._flatten(line_model, line, parts[name], f"{head}{title}: ")
            else:
                flat[label] = value
        return flat
