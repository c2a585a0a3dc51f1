"""Translation files of the suite's modules: export, merge, check.

    python tools/o2c_i18n.py update -c CONF -d DB [MODULE...]    export and merge: the usual call
    python tools/o2c_i18n.py export -c CONF -d DB [MODULE...]    writes addons/MODULE/i18n/MODULE.pot
    python tools/o2c_i18n.py merge [MODULE...]                   brings i18n/zh_CN.po in line with the .pot
    python tools/o2c_i18n.py check [MODULE...]                   what is missing, fuzzy, obsolete or different

Needs the Python that Odoo runs in. DB is a database with the modules installed and updated; the
export is Odoo's own. Without MODULE all modules of the suite are meant (but the test module).

How to translate a module: run ``update``; the end of its output lists what lacks a translation.
Write the ``msgstr`` into ``addons/MODULE/i18n/zh_CN.po``, with the words of the glossary in
ARCHITECTURE.md. Run ``check MODULE`` until it is silent, then ``update`` the database of a test
and look at the screens (``odoo i18n loadlang -d DB -l zh_CN`` loads the language once;
``odoo i18n import -d DB -l zh_CN -w FILE`` takes over a changed file).

``merge`` keeps translations, drops those of terms that are gone, and fills empty ones from the
same term of another module of the suite, or of Odoo's base and mail for the fields that every
document has. ``check`` compares placeholders (``%s`` in their order, ``%(name)s``, ``%%``) and
tags. Exit code 0: nothing to do, 1: something is missing or wrong.
"""

import argparse
import io
import re
import sys
from collections import Counter
from pathlib import Path

import polib

ADDONS = Path(__file__).resolve().parents[1] / "addons"
LANGUAGE = "zh_CN"
NOT_TRANSLATED = {"o2c_test"}
# Modules of Odoo whose mixins put these fields into each document: their words are taken over.
ODOO_SOURCES = ("base", "mail")
MIXIN_FIELD = re.compile(
    r"model:ir\.model\.fields,\w+:\w+\.field_\w+__"
    r"(id|display_name|create_\w+|write_\w+|active|has_message|(my_)?(activity|message)_\w+)$"
)

# Fields with a Python expression, like "object.display_name".
EXPRESSIONS = ("model:ir.actions.report,print_report_name:",)

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[#0+-]*\d*(?:\.\d+)?[sdifrgexX%]")
TAG = re.compile(r"</?[a-zA-Z][\w.-]*")
WORD = re.compile(r"[a-z]{3}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def modules_of_suite():
    """Names of the modules that are translated."""
    found = {manifest.parent.name for manifest in ADDONS.glob("*/__manifest__.py")}
    return sorted(found - NOT_TRANSLATED)


def pot_path(module):
    """Template of a module's terms."""
    return ADDONS / module / "i18n" / f"{module}.pot"


def po_path(module):
    """Translation of a module."""
    return ADDONS / module / "i18n" / f"{LANGUAGE}.po"


# -- export ----------------------------------------------------------------


def exported_pots(cr, modules):
    """What the modules export now: {module: polib.POFile}, by Odoo's own reader and writer."""
    from odoo.tools.translate import PoFileWriter, TranslationModuleReader

    # One reader for each: a field that several modules extend has terms in each of them, and a
    # reader of many modules gives them to one.
    return {module: _pot(PoFileWriter, TranslationModuleReader(cr, modules=[module])) for module in modules}


def _pot(writer, rows):
    """One template, without the dates and the version that would change it each time."""
    buffer = io.BytesIO()
    writer(buffer, None).write_rows(rows)
    pot = polib.pofile(buffer.getvalue().decode())
    pot.header = ""
    pot.metadata = _metadata()
    return pot


def _metadata(language=None):
    values = {"Project-Id-Version": "Order-to-Cash Control for Odoo 19.0"}
    if language:
        values |= {"Language": language, "Plural-Forms": "nplurals=1; plural=0;"}
    return values | {
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }


def export(configuration, database, modules):
    """Write the templates of modules installed in a database."""
    from odoo.modules.registry import Registry
    from odoo.tools import config

    options = ["--no-http", "--log-level=warn", "-d", database]
    config.parse_config(options + (["-c", configuration] if configuration else []), setup_logging=True)
    with Registry(database).cursor(readonly=True) as cr:
        pots = exported_pots(cr, modules)
    for module, pot in pots.items():
        if len(pot):
            _save(pot, pot_path(module))


def _save(catalogue, path):
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{catalogue}".rstrip("\n") + "\n", encoding="utf-8")


# -- merge -----------------------------------------------------------------


def merge(module):
    """Bring a module's translation in line with its template; returns the terms that lack one."""
    if not pot_path(module).exists():
        return []
    pot = polib.pofile(str(pot_path(module)))
    known = _translations(po_path(module))
    memory, words_of_odoo = _memory(module), _words_of_odoo()
    merged = polib.POFile()
    merged.metadata = _metadata(LANGUAGE)
    for term in pot:
        found = memory.get(term.msgid) or (_is_mixin_field(term) and words_of_odoo.get(term.msgid)) or ""
        term.msgstr, term.flags = known.get(term.msgid) or (found, [])
        merged.append(term)
    _save(merged, po_path(module))
    return [term.msgid for term in merged if not term.translated()]


def _translations(path):
    """{msgid: (msgstr, flags)} of a file, {} without it."""
    if not path.exists():
        return {}
    return {entry.msgid: (entry.msgstr, entry.flags) for entry in polib.pofile(str(path)) if entry.msgstr}


def _is_mixin_field(term):
    """Whether the term names nothing but fields of Odoo's mixins; elsewhere it may mean something else."""
    places = [place for place, _line in term.occurrences]
    return bool(places) and all(map(MIXIN_FIELD.match, places))


def _memory(module):
    """Translations that the other modules of the suite have."""
    paths = (po_path(other) for other in modules_of_suite() if other != module)
    return _finished(paths)


def _words_of_odoo():
    import odoo.addons

    folders = [Path(folder) for folder in odoo.addons.__path__]
    return _finished(
        folder / module / "i18n" / f"{LANGUAGE}.po" for module in ODOO_SOURCES for folder in folders
    )


def _finished(paths):
    """{msgid: msgstr} of the files' translations that nobody has to look at again."""
    found = {}
    for path in paths:
        found.update((term, text) for term, (text, flags) in _translations(path).items() if not flags)
    return found


# -- check -----------------------------------------------------------------


def differences(term, text):
    """What a translation lacks or has too much: placeholders, tags, line ends.

    >>> differences("%(count)s holds of %(name)s", "%(name)s 的 %(count)s 张冻结单")
    []
    >>> differences("%s of %s is 100 %%", "%s 占 %s 的 100%")
    ['placeholders %s %s %% became %s %s']
    >>> differences("<b>Held</b>", "冻结")
    ['tags <b> </b> are missing']
    """
    found = []
    wanted, given = _placeholders(term), _placeholders(text)
    if wanted != given:
        found.append(f"placeholders {_words(wanted)} became {_words(given)}")
    tags, there = Counter(TAG.findall(term)), Counter(TAG.findall(text))
    if tags - there:
        found.append(f"tags {_words(tag + '>' for tag in tags - there)} are missing")
    if there - tags:
        found.append(f"tags {_words(tag + '>' for tag in there - tags)} are not in the term")
    return found


def _words(parts):
    return " ".join(parts) or "none"


def _placeholders(text):
    """Those by position in their order, then the named ones, sorted."""
    found = PLACEHOLDER.findall(text)
    named = sorted(part for part in found if part.startswith("%("))
    return [part for part in found if not part.startswith("%(")] + named


def is_left_in_english(term, text):
    """Whether a translation is the English term itself, though this has words (not just "XLSX")."""
    words = WORD.search(PLACEHOLDER.sub("", TAG.sub("", term)))
    return bool(words) and term == text and not CHINESE.search(text)


def check(module):
    """Sentences on what is wrong with a module's translation; [] when nothing is."""
    if not pot_path(module).exists():
        return [] if not po_path(module).exists() else ["a translation without a template"]
    if not po_path(module).exists():
        return [f"no i18n/{LANGUAGE}.po"]
    terms = {entry.msgid: entry for entry in polib.pofile(str(pot_path(module)))}
    entries = {entry.msgid: entry for entry in polib.pofile(str(po_path(module)))}
    findings = [f"not in the translation: {term!r}" for term in terms if term not in entries]
    for term, entry in entries.items():
        findings += [f"{finding}: {term!r}" for finding in _check_entry(entry, terms)]
    return findings


def _is_expression(entry):
    """Whether a term is Python, that Odoo offers for translation because it may hold words."""
    places = [place for place, _line in entry.occurrences]
    return bool(places) and all(place.startswith(EXPRESSIONS) for place in places)


def _check_entry(entry, terms):
    if entry.obsolete or entry.msgid not in terms:
        return ["obsolete"]
    if entry.fuzzy:
        return ["fuzzy"]
    if not entry.msgstr.strip():
        return ["missing"]
    if is_left_in_english(entry.msgid, entry.msgstr) and not _is_expression(entry):
        return ["left in English"]
    return differences(entry.msgid, entry.msgstr)


# -- command line ----------------------------------------------------------


def main(arguments=None):
    """Run one command; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("update", "export", "merge", "check"))
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("-c", "--config", help="Odoo's configuration file")
    parser.add_argument("-d", "--database", help="database with the modules installed")
    options = parser.parse_intermixed_args(arguments)
    modules = options.modules or modules_of_suite()
    if unknown := sorted(set(modules) - set(modules_of_suite())):
        parser.error(f"no module of the suite: {', '.join(unknown)}")
    if options.command in ("update", "export"):
        if not options.database:
            parser.error(f"{options.command} needs a database (-d)")
        export(options.config, options.database, modules)
    return _report(options.command, modules)


def _report(command, modules):
    """Do what needs no database and print what is left to do."""
    left = 0
    for module in modules:
        findings = []
        if command in ("update", "merge"):
            findings = [f"missing: {term!r}" for term in merge(module)]
        elif command == "check":
            findings = check(module)
        left += len(findings)
        for finding in findings:
            print(f"{module}: {finding}")
    print(f"{len(modules)} modules, {left} to do")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
