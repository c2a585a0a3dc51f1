from odoo import fields, models


class CreditFile(models.Model):
    """From the file to what was decided about its customer."""

    _inherit = "o2c.credit.file"

    guarantee_ids = fields.Many2many(
        "o2c.credit.guarantee",
        string="Guarantees",
        compute="_compute_guarantee_ids",
        help="That secure the customer, or its corporate group.",
    )
    guarantee_count = fields.Integer(compute="_compute_guarantee_ids")
    application_ids = fields.Many2many(
        "o2c.credit.application",
        string="Applications",
        compute="_compute_application_ids",
        help="What was asked for and decided, the latest first.",
    )
    application_count = fields.Integer(compute="_compute_application_ids")
    score_id = fields.Many2one("o2c.credit.score", string="Latest score", compute="_compute_score_id")
    score_count = fields.Integer(compute="_compute_score_id")
    limit_count = fields.Integer(compute="_compute_limit_count")

    # === COMPUTES === #

    def _compute_guarantee_ids(self):
        guarantees = self.env["o2c.credit.guarantee"].search(
            [
                ("company_id", "in", self.company_id.ids),
                "|",
                ("partner_id", "in", self.partner_id.ids),
                ("corporate_group_id", "in", self._get_groups().ids),
            ]
        )
        for file in self:
            file.guarantee_ids = guarantees.filtered(file._is_about)
            file.guarantee_count = len(file.guarantee_ids)

    def _compute_application_ids(self):
        applications = self.env["o2c.credit.application"].search(self._get_subject_domain())
        for file in self:
            file.application_ids = applications.filtered(file._is_of_subject)
            file.application_count = len(file.application_ids)

    def _compute_score_id(self):
        scores = self.env["o2c.credit.score"]
        latest = scores._get_latest_ids(self.company_id, self.partner_id)
        rows = scores._read_group(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)],
            ["company_id", "partner_id"],
            ["__count"],
        )
        counts = {(company, partner): count for company, partner, count in rows}
        for file in self:
            count = counts.get((file.company_id, file.partner_id), 0)
            file.score_count = count
            file.score_id = latest.get((file.company_id.id, file.partner_id.id)) if count else False

    def _compute_limit_count(self):
        rows = self.env["o2c.credit.limit"]._read_group(
            self._get_subject_domain(), ["company_id", "partner_id", "corporate_group_id"], ["__count"]
        )
        counts = {tuple(key): count for *key, count in rows}
        for file in self:
            key = (file.company_id, file.partner_id, file.corporate_group_id)
            file.limit_count = counts.get(key, 0)

    # === ACTIONS === #

    def action_open_applications(self):
        """Applications for terms of the customer, or of the corporate group."""
        return self._open_decisions("o2c_credit.credit_application_action", self.application_ids.ids)

    def action_open_limits(self):
        """Terms that were granted, and when."""
        limits = self.env["o2c.credit.limit"].search(self._get_subject_domain())
        return self._open_decisions("o2c_credit.credit_limit_action", limits.ids)

    def action_open_scores(self):
        """Score sheets of the customer, the latest first."""
        domain = [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)]
        scores = self.env["o2c.credit.score"].search(domain)
        return self._open_decisions("o2c_credit.credit_score_action", scores.ids)

    def action_open_guarantees(self):
        """Guarantees of the customer and of its corporate group."""
        return self._open_decisions("o2c_credit.credit_guarantee_action", self.guarantee_ids.ids)

    def action_open_register(self):
        """What was written into this file, by whom and when: the entries of the register about it alone."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.credit_file_entry_action")
        action["domain"] = [("file_id", "=", self.id)]
        action["context"] = {}
        return action

    # === HELPERS === #

    def _get_address_line(self):
        """Address of the customer on one line, for the print."""
        address = self.sudo().partner_id._display_address(without_company=True)
        return ", ".join(filter(None, (line.strip(" ,") for line in address.splitlines())))

    def _open_decisions(self, xmlid, ids):
        """Window action on records about the customer, with their defaults for a new one."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("id", "in", ids)]
        action["context"] = {
            "default_partner_id": self.partner_id.id,
            "default_corporate_group_id": self.corporate_group_id.id,
            "default_company_id": self.company_id.id,
        }
        return action

    def _get_subject_domain(self):
        """Documents about the customers, or the corporate groups, of the files."""
        return [
            ("company_id", "in", self.company_id.ids),
            "|",
            ("partner_id", "in", self.partner_id.ids),
            ("corporate_group_id", "in", self.corporate_group_id.ids),
        ]

    def _is_of_subject(self, document):
        """Whether a document has the very subject and company of the file."""
        self.ensure_one()
        return all(
            document[name] == self[name] for name in ("company_id", "partner_id", "corporate_group_id")
        )

    def _get_groups(self):
        """Corporate groups of the files, and of the customers of the files."""
        return (self.corporate_group_id | self.partner_id.sudo().o2c_corporate_group_id).sudo(self.env.su)

    def _is_about(self, document):
        """Whether a document concerns the customer of the file, or its corporate group."""
        self.ensure_one()
        if document.company_id != self.company_id:
            return False
        if document.partner_id:
            return document.partner_id == self.partner_id
        return document.corporate_group_id in self._get_groups()
