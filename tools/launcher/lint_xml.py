"""Form of XML files: well-formed, no tabs, indentation by nesting in steps of two or four spaces."""

import re
import xml.etree.ElementTree as ET

MAX_TAG = 160
TAG = re.compile(r"<[A-Za-z_][\w.:-]*(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")


def check(repository):
    """Findings for all XML files of the modules."""
    findings = []
    for path in sorted((repository / "addons").rglob("*.xml")):
        name = path.relative_to(repository)
        findings += [f"{name}:{line}: {text}" for line, text in check_text(path.read_text(encoding="utf-8"))]
    return findings


def check_text(text):
    """(line, finding) for the content of one file.

    >>> check_text("<odoo>\\n  <record/>\\n</odoo>\\n")
    []
    >>> check_text("<odoo>\\n\\t<record/>\\n</odoo>\\n")
    [(2, 'a tab; indent with spaces')]
    """
    try:
        ET.fromstring(text)
    except ET.ParseError as error:
        return [(error.position[0], f"not well-formed: {error}")]
    return [*_lines(text), *_nesting(text)]


def _lines(text):
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            yield number, "a tab; indent with spaces"
        elif line != line.rstrip():
            yield number, "spaces at the end of the line"
        elif any(len(tag) > MAX_TAG for tag in TAG.findall(line)):
            yield number, f"a tag of more than {MAX_TAG} characters; put one attribute on each line"
    if not text.endswith("\n"):
        yield text.count("\n") + 1, "no newline at the end of the file"


def _nesting(text):
    """An element that begins a line stands deeper than its parent, and even with its siblings."""
    blank = re.sub(
        r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.S
    )
    parents, siblings = [-1], [None]
    for match in re.finditer(r"<(/?)([A-Za-z_][\w.:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>", blank):
        begin = blank.rfind("\n", 0, match.start()) + 1
        leads = not blank[begin : match.start()].strip()
        column, number = match.start() - begin, blank.count("\n", 0, match.start()) + 1
        if match[1]:
            own = parents.pop()
            siblings.pop()
            if leads and own >= 0 and column != own:
                yield number, f"</{match[2]}> does not stand under its beginning"
            continue
        if leads and "\t" not in blank[begin : match.start()]:
            if column <= parents[-1]:
                yield number, f"<{match[2]}> is not indented below its parent"
            elif siblings[-1] not in (None, column):
                yield number, f"<{match[2]}> is not even with its siblings"
            siblings[-1] = column if siblings[-1] is None else siblings[-1]
        if not match[4]:
            parents.append(column if leads else -1)
            siblings.append(None)
