from odoo import Command, api, models
from odoo.addons.o2c_base.models.preset import Item, Section
from odoo.fields import Domain

RULE_FIELDS = {
    "severity": "severity",
    "users": "applies_to_users",
    "documents": "applies_to_documents",
    "prevent": "is_preventive",
}


class Preset(models.AbstractModel):
    """The authority table and the segregation of duties in presets.

    ``authority``: ``{kind: {"mode", "deadline_days", "rows": [{"role", "up_to"}], "cosign": [{"role",
    "above"}]}}``, where ``up_to`` null is any amount. What a preset says about a kind replaces all rows of
    that kind. ``segregation``: ``[{"name", "duty", "excludes", "severity", "users", "documents",
    "prevent", "reference", "description"}]``, for all companies.
    """

    _inherit = "o2c.preset"

    @api.model
    def _preset_sections(self):
        return [
            *super()._preset_sections(),
            Section("authority", self.env._("Authority table")),
            Section("segregation", self.env._("Segregation of duties")),
        ]

    # === AUTHORITY TABLE === #

    @api.model
    def _preset_export_authority(self, company):
        rows = self.env["o2c.authority"].search([("company_id", "=", company.id)])
        return {kind: self._export_kind(kind, company) for kind in sorted(set(rows.mapped("kind")))}

    def _export_kind(self, kind, company):
        """The rows of one kind in the form of a file; ``None`` when the company has none of its own."""
        rows = self.env["o2c.authority"].search([("kind", "=", kind), ("company_id", "=", company.id)])
        if not rows:
            return None
        setting = self.env["o2c.authority.kind"]._get_setting(kind, company)
        return {
            "mode": setting.mode or "ladder",
            "deadline_days": setting.deadline_days,
            "rows": [
                {
                    "role": self._name_role(row.group_id),
                    "up_to": None if row.is_unlimited else row.amount_to,
                }
                for row in rows
            ],
            "cosign": [
                {"role": self._name_role(rule.group_id), "above": rule.amount_above}
                for rule in setting.cosign_ids
            ],
        }

    @api.model
    def _preset_plan_authority(self, company, content):
        kinds = dict(self.env["o2c.authority"]._selection_kind())
        items = [self._plan_kind(company, kind, kinds, wanted) for kind, wanted in content.items()]
        for kind in kinds.keys() - content.keys():
            if now := self._export_kind(kind, company):
                text = self._describe_kind(now, company)
                items.append(Item(kind, kinds[kind], text, text, "kept"))
        return items

    def _plan_kind(self, company, kind, kinds, wanted):
        if kind not in kinds:
            return Item(kind, kind, "", "", "kept", self.env._(
                "No installed module has this kind of document: it is left out."))
        now = self._export_kind(kind, company)
        before = self._describe_kind(now, company) if now else self.env._("No rows")
        roles = [line["role"] for line in (*wanted["rows"], *wanted.get("cosign", ()))]
        unknown = [role for role in roles if not self._find_role(role)]
        if unknown:
            return Item(kind, kinds[kind], before, "", "error", self.env._(
                "authority > %(kind)s: there is no role %(role)s. Name a role of this database, such as "
                "o2c_base.group_credit_manager.", kind=kind, role=", ".join(unknown)))
        amounts = [row["up_to"] for row in wanted["rows"]]
        if len(set(amounts)) < len(amounts) or len(set(roles[:len(amounts)])) < len(amounts):
            return Item(kind, kinds[kind], before, "", "error", self.env._(
                "authority > %s: each role and each amount stands once. Remove the second row.", kind))
        then = self._describe_kind(wanted, company)
        state = "new" if not now else "same" if before == then else "changed"
        return Item(kind, kinds[kind], before, then, state)

    def _describe_kind(self, content, company):
        """One text for the rows of a kind; equal texts are equal rules."""
        rows = sorted(content["rows"], key=lambda row: (row["up_to"] is None, row["up_to"] or 0.0))
        lines = [
            self.env._(
                "%(role)s: %(amount)s",
                role=self._find_role(row["role"]).sudo().full_name or row["role"],
                amount=self.env._("any amount") if row["up_to"] is None
                else company._o2c_format_amount(row["up_to"]),
            )
            for row in rows
        ]
        lines += [
            self.env._(
                "and %(role)s above %(amount)s",
                role=self._find_role(rule["role"]).sudo().full_name or rule["role"],
                amount=company._o2c_format_amount(rule["above"]),
            )
            for rule in sorted(content.get("cosign", ()), key=lambda rule: (rule["above"], rule["role"]))
        ]
        modes = dict(self.env["o2c.authority"]._selection_mode())
        mode = content.get("mode", "ladder")
        head = self.env._("%(mode)s; decide within %(days)s days",
                          mode=modes[mode].split(":")[0], days=content.get("deadline_days", 2))
        return "\n".join([*lines, head])

    @api.model
    def _preset_load_authority(self, company, content, keys):
        for kind in keys:
            wanted = content[kind]
            # Without a pause: two rows must not exchange their amounts one after the other.
            self.env["o2c.authority"].search(
                [("kind", "=", kind), ("company_id", "=", company.id)]).unlink()
            self.env["o2c.authority"].create([
                {
                    "company_id": company.id,
                    "kind": kind,
                    "group_id": self._find_role(row["role"]).id,
                    "amount_to": row["up_to"] or 0.0,
                    "is_unlimited": row["up_to"] is None,
                }
                for row in wanted["rows"]
            ])
            setting = self.env["o2c.authority.kind"].search(
                [("kind", "=", kind), ("company_id", "=", company.id)])
            setting.write({
                "mode": wanted.get("mode", "ladder"),
                "deadline_days": wanted.get("deadline_days", 2),
                "cosign_ids": [Command.clear(), *(
                    Command.create({
                        "group_id": self._find_role(rule["role"]).id, "amount_above": rule["above"]})
                    for rule in wanted.get("cosign", ())
                )],
            })

    # === SEGREGATION OF DUTIES === #

    @api.model
    def _preset_export_segregation(self, company):
        return [
            {
                "name": rule.name,
                "duty": self._name_role(rule.group_a_id),
                "excludes": self._name_role(rule.group_b_id),
                **{key: rule[name] for key, name in RULE_FIELDS.items()},
                "reference": rule.control_reference or "",
                "description": rule.description or "",
            }
            for rule in self.env["o2c.segregation.rule"].search(Domain.TRUE)
        ]

    @api.model
    def _preset_plan_segregation(self, company, content):
        items = [self._plan_rule(number, wanted) for number, wanted in enumerate(content, start=1)]
        named = {item.key for item in items}
        for rule in self.env["o2c.segregation.rule"].search(Domain.TRUE):
            key = self._get_rule_key(rule.group_a_id, rule.group_b_id)
            if key not in named:
                text = self._describe_rule(rule)
                items.append(Item(key, rule.name, text, text, "kept"))
        return items

    def _plan_rule(self, number, wanted):
        duty, excludes = self._find_role(wanted["duty"]), self._find_role(wanted["excludes"])
        if not duty or not excludes:
            return Item(f"row{number}", wanted.get("name") or "", "", "", "error", self.env._(
                "segregation > row %(row)s: there is no role %(role)s. Install its module, or name another.",
                row=number, role=wanted["excludes"] if duty else wanted["duty"]))
        key = self._get_rule_key(duty, excludes)
        rule = self._find_rule(duty, excludes)
        then = self._describe_rule(self.env["o2c.segregation.rule"].new(self._prepare_rule_vals(wanted)))
        now = self._describe_rule(rule) if rule else self.env._("No rule")
        state = "new" if not rule else "same" if now == then else "changed"
        return Item(key, wanted["name"], now, then, state)

    def _get_rule_key(self, duty, excludes):
        return "-".join(str(group_id) for group_id in sorted((duty.id, excludes.id)))

    def _find_rule(self, duty, excludes):
        rules = self.env["o2c.segregation.rule"].with_context(active_test=False)
        return rules.search(rules._get_pair_domain(duty, excludes), limit=1)

    def _prepare_rule_vals(self, wanted):
        return {
            "name": wanted["name"],
            "group_a_id": self._find_role(wanted["duty"]).id,
            "group_b_id": self._find_role(wanted["excludes"]).id,
            **{name: wanted[key] for key, name in RULE_FIELDS.items() if key in wanted},
            "control_reference": wanted.get("reference") or False,
            "description": wanted.get("description") or False,
            "active": True,
        }

    def _describe_rule(self, rule):
        labels = dict(rule._fields["severity"]._description_selection(self.env))
        parts = [labels[rule.severity]]
        parts += [
            rule._fields[name]._description_string(self.env)
            for name in ("applies_to_users", "applies_to_documents", "is_preventive") if rule[name]
        ]
        if not rule.active:
            parts.append(self.env._("archived"))
        return ", ".join(parts)

    @api.model
    def _preset_load_segregation(self, company, content, keys):
        for wanted in content:
            duty, excludes = self._find_role(wanted["duty"]), self._find_role(wanted["excludes"])
            if not duty or not excludes or self._get_rule_key(duty, excludes) not in keys:
                continue
            vals = self._prepare_rule_vals(wanted)
            rule = self._find_rule(duty, excludes)
            if rule:
                # The texts may be translated, and the duties stand the other way round.
                rule.write({name: vals[name] for name in (*RULE_FIELDS.values(), "active") if name in vals})
            else:
                self.env["o2c.segregation.rule"].create(vals)
