"""Runs in Odoo's shell on the demo company: presses every button that only opens something.

Prints ``BUTTONS`` and a JSON object: how many were pressed, and what went wrong. Nothing is kept.
"""

import json

from lxml import etree
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.tools.safe_eval import safe_eval

# Documents of Odoo on which the suite puts buttons of its own.
DOCUMENTS = ("res.partner", "sale.order", "stock.picking", "account.move")
RECORDS = 5


class Walker:
    """One person, who opens the forms of all models and presses what is shown."""

    def __init__(self, env, user):
        self.env = env(user=user)
        self.login = user.login
        self.pressed = 0
        self.faults = set()

    def walk(self, names):
        for name in names:
            model = self.env[name].with_context(allowed_company_ids=self.env.user.company_ids.ids)
            if model.has_access("read"):
                self.walk_model(model)

    def walk_model(self, model):
        records = model.search([], limit=RECORDS)
        arch = etree.fromstring(model.get_view(view_type="form")["arch"])
        buttons = [button for button in arch.iter("button") if self.is_opener(model, button)]
        if buttons:
            names = {node.get("name") for node in arch.iter("field")} & set(model._fields)
            for record in records:
                values = self.read(record, names)
                for button in buttons if values else ():
                    if self.is_shown(button, values):
                        self.press(record, button)

    def read(self, record, names):
        """Values of the form; none where it can't even be opened."""
        try:
            with self.env.cr.savepoint():
                return record.read(sorted(names), load=False)[0]
        except AccessError as error:
            if record._name in DOCUMENTS:
                # Odoo's own forms: it shows some of them to people who may not read all of it.
                return None
            self.faults.add(f"{self.login}: form of {record._name}: {str(error).splitlines()[0]}")
        return None

    def is_opener(self, model, button):
        """Buttons of the form itself that show something; those that decide are not pressed."""
        if any(parent.tag == "field" for parent in button.iterancestors()):
            return False
        name = button.get("name") or ""
        if model._name in DOCUMENTS and "o2c" not in name:
            return False
        return button.get("type") == "action" or "oe_stat_button" in (button.get("class") or "")

    def is_shown(self, button, values):
        today = str(self.env.company._o2c_today())
        names = {**values, "uid": self.env.uid, "context": {}, "context_today": lambda: today, "today": today}
        expressions = (node.get("invisible") for node in (button, *button.iterancestors()))
        return not any(text and safe_eval(text, dict(names)) for text in expressions)

    def press(self, record, button):
        self.pressed += 1
        name = button.get("name")
        try:
            with self.env.cr.savepoint():
                if button.get("type") == "action":
                    base = self.env["ir.actions.actions"].sudo().browse(int(name))
                    action = self.env[base.type].sudo().browse(base.id)._get_action_dict()
                else:
                    action = getattr(record, name)()
                self.follow(action)
                raise Undo
        except Undo:
            pass
        except (AccessError, MissingError) as error:
            self.faults.add(f"{self.login}: {record._name}.{name}: {str(error).splitlines()[0]}")
        except (UserError, ValidationError):
            # Says in words why there is nothing to see; that is an answer.
            pass

    def follow(self, action):
        """Open what the button answered, as the web client does."""
        if not isinstance(action, dict) or action.get("type") != "ir.actions.act_window":
            return
        target = self.env[action["res_model"]].with_context(
            allowed_company_ids=self.env.user.company_ids.ids)
        is_new = action.get("target") == "new" and not action.get("res_id")
        target.check_access("create" if is_new else "read")
        for _view, kind in action.get("views") or [(False, "form")]:
            target.get_view(view_type=kind)
        if action.get("res_id"):
            target.browse(action["res_id"]).read(["display_name"])
        elif action.get("target") != "new":
            domain = action.get("domain") or []
            if isinstance(domain, str):
                domain = safe_eval(domain, {"uid": self.env.uid, "context": action.get("context") or {}})
            target.search(domain, limit=1)


class Undo(Exception):
    """Takes back what a button wrote."""


env = globals()["env"]  # given by Odoo's shell
models = [name for name, model in env.registry.items() if name.startswith("o2c.") and not model._abstract
          and not model._transient] + list(DOCUMENTS)  # fmt: skip
# What the demo company has none of: a credit file, and a corporate group.
customer = env["o2c.credit.limit"].search([("partner_id", "!=", False)], limit=1).partner_id
if not env["o2c.credit.file"].search([("partner_id", "=", customer.id)]):
    env["o2c.credit.file"].create({"partner_id": customer.id, "company_id": env.company.id})
customer.o2c_corporate_group_id = env["o2c.corporate.group"].create({"name": "One Purse"})
result = {"pressed": {}, "faults": []}
for login, _password, _role in env["o2c.demo"]._get_logins():
    walker = Walker(env, env["res.users"].search([("login", "=", login)]))
    walker.walk(sorted(models))
    result["pressed"][login] = walker.pressed
    result["faults"] += sorted(walker.faults)
env.cr.rollback()
print("BUTTONS " + json.dumps(result))
