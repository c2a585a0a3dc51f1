"""Saved ways to read a ledger file."""

from odoo import fields, models

# key → (format of the rules, label)
DATE_FORMATS = {
    "ymd_dash": ("%Y-%m-%d", "2013-12-31"),
    "ymd_slash": ("%Y/%m/%d", "2013/12/31"),
    "ymd_dot": ("%Y.%m.%d", "2013.12.31"),
    "ymd_han": ("%Y年%m月%d日", "2013年12月31日"),
    "ymd_plain": ("%Y%m%d", "20131231"),
    "mdy_slash": ("%m/%d/%Y", "12/31/2013 (month first)"),
    "dmy_slash": ("%d/%m/%Y", "31/12/2013 (day first)"),
    "dmy_dot": ("%d.%m.%Y", "31.12.2013"),
    "dmy_dash": ("%d-%m-%Y", "31-12-2013 (day first)"),
    "mdy_dash": ("%m-%d-%Y", "12-31-2013 (month first)"),
    "mdy_short": ("%m/%d/%y", "12/31/13 (month first)"),
    "dmy_short": ("%d/%m/%y", "31/12/13 (day first)"),
    "dmy_dot_short": ("%d.%m.%y", "31.12.13"),
}
DATE_KEYS = {pattern: key for key, (pattern, _label) in DATE_FORMATS.items()}
ENCODINGS = [
    ("utf-8", "UTF-8"),
    ("utf-8-sig", "UTF-8 with byte order mark"),
    ("gb18030", "Chinese (GB 18030, GBK, GB 2312)"),
    ("cp1252", "Western (Windows 1252, Latin 1)"),
    ("utf-16", "UTF-16"),
    ("big5", "Traditional Chinese (Big5)"),
]
DELIMITERS = {
    "comma": (",", "Comma"),
    "semicolon": (";", "Semicolon"),
    "tab": ("\t", "Tab"),
    "pipe": ("|", "Vertical bar"),
}
DELIMITER_KEYS = {sign: key for key, (sign, _label) in DELIMITERS.items()}
SEPARATORS = {"point": ".", "comma": ",", "apostrophe": "'", "none": ""}
SEPARATOR_KEYS = {sign: key for key, sign in SEPARATORS.items()}


def _labels(table):
    return [(key, label) for key, (_value, label) in table.items()]


class LedgerImportFormat(models.AbstractModel):
    """How to read a file: shared by the import and by the template that is saved from it."""

    _name = "o2c.ledger.import.format"
    _description = "Format of a Ledger File"

    encoding = fields.Selection(ENCODINGS, help="Only for text files. A workbook needs none.")
    delimiter = fields.Selection(_labels(DELIMITERS))
    date_format = fields.Selection(_labels(DATE_FORMATS), string="Dates are written")
    decimal_separator = fields.Selection(
        [("point", "Point: 1234.50"), ("comma", "Comma: 1234,50")], string="Decimals", default="point"
    )
    thousands_separator = fields.Selection(
        [
            ("none", "None: 1234"),
            ("comma", "Comma: 1,234"),
            ("point", "Point: 1.234"),
            ("apostrophe", "Apostrophe: 1'234"),
        ],
        string="Thousands",
        default="comma",
    )
    match_by = fields.Selection(
        [
            ("any", "Reference, then tax ID, then name"),
            ("ref", "Reference only"),
            ("vat", "Tax ID only"),
            ("name", "Name only"),
        ],
        string="Find customers by",
        default="any",
        required=True,
    )
    create_missing = fields.Boolean(
        string="Create missing customers",
        help="A customer that isn't found becomes a new contact when the import is booked. "
        "Otherwise its rows are wrong.",
    )
    negative_policy = fields.Selection(
        [("wrong", "Are wrong"), ("credit_note", "Are credit notes")],
        string="Negative amounts",
        default="wrong",
        required=True,
    )

    _FORMAT_FIELDS = (
        "encoding",
        "delimiter",
        "date_format",
        "decimal_separator",
        "thousands_separator",
        "match_by",
        "create_missing",
        "negative_policy",
    )

    def _prepare_format_vals(self):
        """The values of this format, to be written on another record that has one."""
        self.ensure_one()
        return {name: self[name] for name in self._FORMAT_FIELDS}


class LedgerImportTemplate(models.Model):
    """Format and column mapping of a kind of file, saved from an import and applied to the next one."""

    _name = "o2c.ledger.import.template"
    _description = "Template of a Ledger Import"
    _inherit = ["o2c.ledger.import.format"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    column_ids = fields.One2many("o2c.ledger.import.column", "template_id", string="Columns", copy=True)
