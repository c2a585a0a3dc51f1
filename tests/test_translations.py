"""The translation is complete, and complete for what the modules say now."""

import doctest
import json

import polib
import pytest
import support

from tools import o2c_i18n

MODULES = o2c_i18n.modules_of_suite()


@pytest.mark.parametrize("module", MODULES)
def test_each_term_has_a_translation_with_the_same_placeholders(module):
    assert o2c_i18n.check(module) == []


@pytest.mark.parametrize("module", MODULES)
def test_header_has_nothing_that_changes_by_itself(module):
    for path in (o2c_i18n.pot_path(module), o2c_i18n.po_path(module)):
        if path.exists():
            assert not [key for key in polib.pofile(str(path)).metadata if "Date" in key], path


def test_examples_of_the_tool():
    assert doctest.testmod(o2c_i18n).attempted
    assert not doctest.testmod(o2c_i18n).failed


@pytest.mark.parametrize(
    ("term", "text", "findings"),
    [
        ("%s of %s", "%s / %s", 0),
        ("%(a)s of %(b)s", "%(b)s / %(a)s", 0),
        ("%(a)s of %(b)s", "%(a)s / %(c)s", 1),
        ("%s of %d", "%d / %s", 1),
        ("at most 60 % of it", "至多 60%", 0),
        ("at most 60 %% of it", "至多 60%", 1),
        ('<a href="x">open</a>', '<a href="x">打开</a>', 0),
        ("<b>a</b>", "<b>甲<b>", 2),
    ],
)
def test_difference_is_found(term, text, findings):
    assert len(o2c_i18n.differences(term, text)) == findings


def test_missing_fuzzy_obsolete_and_english_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(o2c_i18n, "ADDONS", tmp_path)
    (tmp_path / "o2c_x" / "i18n").mkdir(parents=True)
    o2c_i18n.pot_path("o2c_x").write_text(_catalogue(*[(t, "") for t in ("New", "Held", "Open", "Done")]))
    o2c_i18n.po_path("o2c_x").write_text(
        _catalogue(("Held", ""), ("Open", "Open"), ("Gone", "没了"))
        + '#, fuzzy\nmsgid "Done"\nmsgstr "完成"\n'
    )
    assert o2c_i18n.check("o2c_x") == [
        "not in the translation: 'New'",
        "missing: 'Held'",
        "left in English: 'Open'",
        "obsolete: 'Gone'",
        "fuzzy: 'Done'",
    ]


def test_merge_keeps_translations_and_drops_terms_that_are_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(o2c_i18n, "ADDONS", tmp_path)
    monkeypatch.setattr(o2c_i18n, "_words_of_odoo", lambda: {"New": "新建"})
    for module in ("o2c_x", "o2c_y"):
        (tmp_path / module / "i18n").mkdir(parents=True)
        (tmp_path / module / "__manifest__.py").write_text("{}")
    o2c_i18n.pot_path("o2c_x").write_text(_catalogue(("Held", ""), ("Shared", ""), ("New", "")))
    o2c_i18n.po_path("o2c_x").write_text(_catalogue(("Held", "冻结"), ("Gone", "没了")))
    o2c_i18n.po_path("o2c_y").write_text(_catalogue(("Held", "挂起"), ("Shared", "共用")))
    assert o2c_i18n.merge("o2c_x") == ["New"]
    merged = {entry.msgid: entry.msgstr for entry in polib.pofile(str(o2c_i18n.po_path("o2c_x")))}
    assert merged == {"Held": "冻结", "Shared": "共用", "New": ""}


def test_python_expression_stays_as_it_is():
    """But only where Odoo evaluates it."""
    expression = polib.POEntry(msgid="object.display_name", msgstr="object.display_name")
    expression.occurrences = [("model:ir.actions.report,print_report_name:o2c_x.report", "")]
    terms = {expression.msgid: expression}
    assert o2c_i18n._check_entry(expression, terms) == []
    expression.occurrences.append(("model:ir.actions.report,name:o2c_x.report", ""))
    assert o2c_i18n._check_entry(expression, terms) == ["left in English"]


def _catalogue(*pairs):
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    return head + "".join(f'msgid "{term}"\nmsgstr "{text}"\n\n' for term, text in pairs)


def test_templates_hold_what_the_modules_say_now(database):
    """A new or changed text fails here until the template and the translation have it."""
    rows = support.sql(database, "SELECT name FROM ir_module_module WHERE state = 'installed'")
    installed = {name for (name,) in rows} & set(MODULES)
    assert {"o2c_base", "o2c_approval", "o2c_hold", "o2c_exposure", "o2c_credit", "o2c_receipt"} <= installed
    exported = json.loads(support.odoo_shell(database, _export_script(sorted(installed))).splitlines()[-1])
    kept = {module: _terms(o2c_i18n.pot_path(module)) for module in exported}
    differing = {
        module: {"new": sorted(set(terms) - kept[module]), "gone": sorted(kept[module] - set(terms))}
        for module, terms in exported.items()
        if set(terms) != kept[module]
    }
    assert not differing, "run tools/o2c_i18n.py update, then translate what it lists"


def _export_script(modules):
    return "\n".join(
        (
            "import json, sys",
            f"sys.path.insert(0, {str(support.REPOSITORY)!r})",
            "from tools import o2c_i18n",
            f"pots = o2c_i18n.exported_pots(env.cr, {modules!r})",
            "print(json.dumps({name: [entry.msgid for entry in pot] for name, pot in pots.items()}))",
        )
    )


def _terms(path):
    return {entry.msgid for entry in polib.pofile(str(path))} if path.exists() else set()
