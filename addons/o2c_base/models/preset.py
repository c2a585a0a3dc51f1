"""Presets: the set-up of a company as a file that is loaded, compared and exported."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.modules.module import get_module_path
from odoo.tools import ormcache

from ..rules import preset as rules


class Section(NamedTuple):
    """One kind of set-up, which a module knows how to read and write."""

    code: str
    label: str


class Item(NamedTuple):
    """One thing that a preset would set, beside what is there now.

    ``state``: ``new``, ``changed``, ``same`` (nothing to do), ``kept`` (not in the file, stays) or
    ``error`` (can't be loaded; ``note`` says why and what to do).
    """

    key: str
    label: str
    now: str
    then: str
    state: str
    note: str = ""


class Preset(models.AbstractModel):
    """What modules add to the loading and exporting of presets.

    A module extends ``_preset_sections`` and defines for each of its sections

    - ``_preset_export_<code>(company)``: JSON-able content, in the form in which it is loaded;
    - ``_preset_plan_<code>(company, content)``: list of ``Item``; changes nothing;
    - ``_preset_load_<code>(company, content, keys)``: sets the items with these keys.

    Loading follows the rights of the user; it never edits what has judged documents, but leaves
    drafts and new versions. What a module ships lies in its folder ``presets``.
    """

    _name = "o2c.preset"
    _description = "Preset of a Company's Set-up"

    # === HOOKS === #

    @api.model
    def _preset_sections(self):
        """Sections in the order in which they are loaded."""
        return []

    # === FILES OF THE MODULES === #

    @api.model
    @ormcache()
    def _get_files(self):
        """``{code: content}`` of the presets that installed modules ship, parts put together.

        Modules whose name begins with ``o2c_`` are looked at, in the order of their names.
        """
        parts = {}
        for module in sorted(name for name in self.env.registry._init_modules if name.startswith("o2c_")):
            folder = Path(get_module_path(module, display_warning=False) or "") / "presets"
            for path in sorted(folder.glob("*.json")):
                parts.setdefault(path.stem, []).append(rules.parse(path.read_text(encoding="utf-8")))
        return {code: rules.merge(found) for code, found in parts.items()}

    # === BUSINESS METHODS === #

    @api.model
    def _check_administrator(self, company):
        """Refuse everybody but policy administrators of the company.

        :raise AccessError: also for superusers in disguise: what is set here decides about everybody
        """
        user = self.env.user
        if not user.has_group("o2c_base.group_policy_administrator"):
            raise AccessError(self.env._("Only a policy administrator loads and exports presets."))
        if company not in user.company_ids:
            raise AccessError(self.env._("You don't work for %s.", company.sudo().name))

    @api.model
    def _export(self, company):
        """The set-up of a company as the content of a file."""
        sections = {
            section.code: getattr(self, f"_preset_export_{section.code}")(company)
            for section in self._preset_sections()
        }
        return {
            "format": rules.FORMAT,
            "version": rules.VERSION,
            "code": "export",
            "name": company.name,
            "description": self.env._(
                "Exported from %(company)s on %(day)s", company=company.name, day=company._o2c_today()),
            "currency": company.currency_id.name,
            "sections": sections,
        }

    @api.model
    def _plan(self, company, preset):
        """What a preset would change: ``[(Section, Item)]``. Sections that no module knows are errors."""
        known = self._preset_sections()
        planned = []
        for section in known:
            if section.code in preset["sections"]:
                planned += [(section, item) for item in self._plan_section(company, section, preset)]
        for code in preset["sections"].keys() - {section.code for section in known}:
            planned.append((Section(code, code), Item("*", code, "", "", "kept", self.env._(
                "No installed module knows this section: install the module that does, or leave it out."))))
        return planned

    @api.model
    def _plan_section(self, company, section, preset):
        try:
            return getattr(self, f"_preset_plan_{section.code}")(company, preset["sections"][section.code])
        except (TypeError, AttributeError, KeyError, ValueError) as error:
            # The content has another form than it should: whatever a person wrote into the file.
            return [Item("*", section.label, "", "", "error", self.env._(
                "Section %(code)s can't be understood (%(error)s). Export a preset and compare.",
                code=section.code, error=repr(error)))]

    @api.model
    def _load(self, company, preset, chosen):
        """Set what was chosen, as one transaction, and register it.

        :param chosen: set of ``(section code, item key)``
        :return: the items that were set, as ``[(Section, Item)]``
        """
        self._check_administrator(company)
        done = []
        for section in self._preset_sections():
            # Planned section by section: what was loaded before decides about what follows.
            if section.code not in preset["sections"]:
                continue
            due = [
                item for item in self._plan_section(company, section, preset)
                if item.state in ("new", "changed") and (section.code, item.key) in chosen
            ]
            if due:
                content = preset["sections"][section.code]
                getattr(self, f"_preset_load_{section.code}")(company, content, {item.key for item in due})
                done += [(section, item) for item in due]
        if done:
            self._register_loaded(company, preset, done)
        return done

    @api.model
    def _register_loaded(self, company, preset, done):
        self.env["o2c.register"]._log(
            company, "preset_loaded", company=company,
            message=self.env._(
                "Preset %(name)s loaded: %(count)s changes", name=preset.get("name") or "", count=len(done)),
            evidence={
                "sha256": hashlib.sha256(rules.dump(preset).encode()).hexdigest(),
                "changes": [
                    {"section": section.code, "item": item.label, "before": item.now, "after": item.then}
                    for section, item in done
                ],
            })

    # === HELPERS === #

    @api.model
    def _find_role(self, name) -> Any:
        """Group by its external id (``module.name``) or its full name; empty when there is none."""
        group = self.env.ref(name, raise_if_not_found=False) if "." in (name or "") else None
        if group and group._name == "res.groups":
            return group.sudo(False)
        return self.env["res.groups"].sudo().search([("full_name", "=", name)], limit=1).sudo(False)

    @api.model
    def _name_role(self, group):
        """How a file names a group: by its external id, or its full name where it has none."""
        return group.sudo().get_external_id()[group.id] or group.sudo().full_name
