from odoo import api, models
from odoo.addons.o2c_base.models.preset import Item, Section
from odoo.fields import Domain

GRADE_FIELDS = ("name", "sequence", "color", "description")
SHOWN = 12


class Preset(models.AbstractModel):
    """Grades, credit policies and the clause of credit sales in presets.

    ``credit_grades``: list of grades by name. ``credit_policies``: list of policies by name, see
    ``preset_policy.py``; they become drafts or new versions. ``credit_clause``: ``{language: text}``.
    """

    _inherit = "o2c.preset"

    @api.model
    def _preset_sections(self):
        return [
            *super()._preset_sections(),
            Section("credit_grades", self.env._("Credit grades")),
            Section("credit_policies", self.env._("Credit policies")),
            Section("credit_clause", self.env._("Clause of credit sales")),
        ]

    # === GRADES === #

    @api.model
    def _preset_export_credit_grades(self, company):
        grades = self.env["o2c.credit.grade"].search(Domain.TRUE)
        return [{name: grade[name] or "" for name in GRADE_FIELDS} for grade in grades]

    @api.model
    def _preset_plan_credit_grades(self, company, content):
        grades = {grade.name: grade for grade in self._get_preset_grades()}
        items = []
        for wanted in content:
            grade = grades.get(wanted["name"])
            now = self.env._("rank %s", grade.sequence) if grade else self.env._("No grade")
            then = self.env._("rank %s", wanted["sequence"])
            # A grade of the catalogue serves all companies: it is added, never changed.
            state = "kept" if grade and now != then else "same" if grade else "new"
            items.append(Item(wanted["name"], wanted["name"], now, then, state))
        return items

    def _get_preset_grades(self):
        return self.env["o2c.credit.grade"].with_context(active_test=False).search(Domain.TRUE)

    @api.model
    def _preset_load_credit_grades(self, company, content, keys):
        self.env["o2c.credit.grade"].create([
            {name: wanted[name] for name in GRADE_FIELDS if name in wanted}
            for wanted in content if wanted["name"] in keys
        ])

    # === POLICIES === #

    @api.model
    def _preset_export_credit_policies(self, company):
        policies = self.env["o2c.credit.policy"].search(
            [("company_id", "=", company.id), ("state", "=", "in_force")])
        return [self._dump_policy(policy) for policy in policies]

    @api.model
    def _preset_plan_credit_policies(self, company, content):
        items = [self._plan_policy(company, wanted) for wanted in content]
        names = {wanted["name"] for wanted in content}
        others = self.env["o2c.credit.policy"].search([
            ("company_id", "=", company.id),
            ("state", "in", ("draft", "in_force")),
            ("name", "not in", names),
        ])
        for policy in others:
            text = self._describe_policy_state(policy)
            items.append(Item(str(policy.id), policy.display_name, text, text, "kept"))
        return items

    def _plan_policy(self, company, wanted):
        name = wanted["name"]
        model = self.env["o2c.credit.policy"]
        problems = list(self._get_policy_problems(model, wanted, f"credit_policies > {name}"))
        if problems:
            return Item(name, name, "", "", "error", "\n".join(problems))
        policy = self._find_preset_policy(company, name)
        if not policy:
            return Item(name, name, self.env._("No policy"), self._describe_policy_content(wanted), "new",
                        self._get_draft_note(company))
        now, then = (
            self._flatten(model, {name: value for name, value in content.items() if name in wanted})
            for content in (self._dump_policy(policy), self._complete_policy(wanted))
        )
        changed = [label for label in {**now, **then} if now.get(label) != then.get(label)]
        if not changed:
            text = self._describe_policy_state(policy)
            return Item(name, name, text, text, "same")
        note = self.env._("The draft is changed.") if policy.state == "draft" else self.env._(
            "Becomes a new version, a draft; %s stays in force until then.", policy.display_name)
        return Item(name, name, self._list_values(changed, now), self._list_values(changed, then),
                    "changed", note)

    def _get_draft_note(self, company):
        """What becomes of a new policy; where another one applies to everybody it would stand behind."""
        general = self.env["o2c.credit.policy"]._match(company, self.env["res.partner"])
        if not general:
            return self.env._("Becomes a draft.")
        return self.env._(
            "Becomes a draft. %s applies to everybody already: end it before you put the draft in force, or "
            "give the draft a lower sequence or a scope.", general.display_name)

    def _list_values(self, labels, flat):
        """The first values that differ, one per line."""
        lines = [f"{label}: {flat.get(label, '-')}" for label in labels[:SHOWN]]
        if len(labels) > SHOWN:
            lines.append(self.env._("and %s more", len(labels) - SHOWN))
        return "\n".join(lines)

    def _describe_policy_content(self, wanted):
        return self.env._(
            "%(grades)s grades (%(names)s), %(factors)s factors",
            grades=len(wanted.get("grade_line_ids", ())),
            names=", ".join(line["grade_id"] for line in wanted.get("grade_line_ids", ())),
            factors=len(wanted.get("factor_ids", ())))

    def _describe_policy_state(self, policy):
        state = policy._get_state_labels()[policy.state]
        return f"{policy.display_name}: {state}"

    def _find_preset_policy(self, company, name):
        """The draft of that name, or what is in force; a draft is what the last loading left."""
        policies = self.env["o2c.credit.policy"].search([
            ("company_id", "=", company.id), ("name", "=", name), ("state", "in", ("draft", "in_force"))],
            order="version desc, id desc")
        return policies.filtered(lambda policy: policy.state == "draft")[:1] or policies[:1]

    @api.model
    def _preset_load_credit_policies(self, company, content, keys):
        for wanted in content:
            if wanted["name"] in keys:
                self._load_policy(company, wanted)

    def _load_policy(self, company, wanted):
        """Leave a draft with the content; what is in force or was used is never edited."""
        vals = self._prepare_policy_vals(self.env["o2c.credit.policy"], wanted)
        policy = self._find_preset_policy(company, wanted["name"])
        if not policy:
            return self.env["o2c.credit.policy"].create({**vals, "company_id": company.id})
        if policy.state == "in_force":
            policy = policy.browse(policy.action_new_version()["res_id"])
        policy.write(vals)
        return policy

    # === CLAUSE === #

    @api.model
    def _preset_export_credit_clause(self, company):
        languages = self.env["res.lang"].sudo().search(Domain.TRUE).mapped("code")
        return {code: company.with_context(lang=code).o2c_credit_clause or "" for code in languages}

    @api.model
    def _preset_plan_credit_clause(self, company, content):
        now = self._preset_export_credit_clause(company)
        items = []
        for code, text in content.items():
            if code not in now:
                items.append(Item(code, code, "", text, "kept", self.env._(
                    "The language %s is not installed.", code)))
            else:
                items.append(Item(code, code, now[code], text, "same" if now[code] == text else "changed"))
        return items

    @api.model
    def _preset_load_credit_clause(self, company, content, keys):
        # The administrator of policies may not write companies; the right was checked at the door.
        for code in keys:
            company.sudo().with_context(lang=code).o2c_credit_clause = content[code]
