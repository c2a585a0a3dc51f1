"""The form of XML files."""

import pytest

from tools.launcher import (
    lint_xml,
)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("<odoo>\n  <a/>\n  <b>\n    <c/>\n  </b>\n</odoo>\n", None),
        ('<odoo>\n    <field name="x">\n        <a/>\n    </field>\n</odoo>\n', None),
        ("<odoo>\n  <a>text <b/> text</a>\n</odoo>\n", None),
        ('<odoo>\n  <a\n    name="x &gt; y"\n  />\n</odoo>\n', None),
        ("<odoo>\n  <!-- <a> -->\n  <b/>\n</odoo>\n", None),
        ("<odoo>\n  <a>\n</odoo>\n", "not well-formed"),
        (f"<odoo>\n  <a>{'text ' * 50}</a>\n</odoo>\n", None),
        (f"<odoo>\n  <a b='{'x' * 200}'/>\n</odoo>\n", "one attribute on each line"),
        ("<odoo>\n\t<a/>\n</odoo>\n", "a tab"),
        ("<odoo>\n  <a/> \n</odoo>\n", "spaces at the end"),
        ("<odoo>\n  <a/>\n</odoo>", "no newline"),
        ("<odoo>\n  <a/>\n    <b/>\n</odoo>\n", "not even with its siblings"),
        ("<odoo>\n<a/>\n</odoo>\n", "not indented"),
        ("<odoo>\n  <a>\n    <b/>\n    </a>\n</odoo>\n", "does not stand under"),
    ],
)
def test_form_of_xml(text, finding):
    findings = [message for _line, message in lint_xml.check_text(text)]
    if finding is None:
        assert findings == []
    else:
        assert any(finding in message for message in findings)
