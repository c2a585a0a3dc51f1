from odoo import models
from odoo.exceptions import AccessError

OFFICER = "o2c_base.group_credit_officer"
# What the credit file shows of the customer's own record.
SHOWN = frozenset(("vat", "country_id"))


class ResPartner(models.Model):
    """What a credit file shows of the customer is evidence, wherever it is written (K1).

    The country decides more: whether a customer is foreign (K5), and which policies apply.
    """

    _inherit = "res.partner"

    # === CRUD === #

    def write(self, vals):
        if SHOWN.isdisjoint(vals):
            return super().write(vals)
        if "country_id" in vals:
            country = self._fields["country_id"].convert_to_cache(vals["country_id"], self)
            moved = self.filtered(lambda partner: partner.sudo().country_id.id != (country or False))
            moved._check_o2c_country_right()
        before = self._get_o2c_shown()
        result = super().write(vals)
        self._log_o2c_shown(before)
        return result

    # === CHECKS === #

    def _check_o2c_country_right(self):
        """Let only a credit officer move a customer with credit terms, or the company that compares
        countries, to another country.

        Not even sudo passes: the portal writes addresses with it, in the name of the customer.
        :raise AccessError: naming the customer; the attempt is registered
        """
        user = self.env.user
        if not self or user._is_superuser() or user.has_group(OFFICER):
            return
        if bound := self._get_o2c_with_terms():
            self._refuse_o2c_country(bound[0].sudo(), self.env._(
                "%(partner)s has credit terms. The country decides which credit policy applies and whether "
                "guarantees are needed: ask a credit officer to change it.",
                partner=bound[0].sudo().name,
            ))
        homes = self.sudo().filtered(lambda partner: partner._is_o2c_home())
        if homes and not user.has_group("base.group_system"):
            self._refuse_o2c_country(homes[0], self.env._(
                "%(partner)s is the selling company: its country decides which customers are foreign. Ask a "
                "credit officer or the administrator to change it.",
                partner=homes[0].name,
            ))

    def _refuse_o2c_country(self, partner, message):
        self.env["o2c.register"]._log_refusal(partner, "guard_refused", message)
        raise AccessError(message)

    def _is_o2c_home(self):
        """Whether it is a company whose policies ask new or foreign customers for cover."""
        policies = self.env["o2c.credit.policy"]
        return any(policies._is_cover_asked(company.id) for company in self.ref_company_ids)

    def _can_edit_country(self):
        """On the portal the country of a customer with credit terms is shown, and not asked."""
        return super()._can_edit_country() and not self._get_o2c_with_terms()

    def _get_o2c_with_terms(self):
        """Those of self who owe themselves, and for whom or for whose group terms were ever granted."""
        debtors = self.sudo().filtered(lambda partner: partner.commercial_partner_id == partner)
        if not debtors:
            return self.browse()
        granted = self.env["o2c.credit.limit"].sudo()._read_group(
            [
                "|",
                ("partner_id", "in", debtors.ids),
                ("corporate_group_id", "in", debtors.o2c_corporate_group_id.ids),
            ],
            ["partner_id", "corporate_group_id"],
        )
        partners = {partner.id for partner, _group in granted}
        groups = {group.id for _partner, group in granted if group}
        return self.filtered(
            lambda partner: partner.id in partners
            or partner in debtors and partner.sudo().o2c_corporate_group_id.id in groups
        )

    # === REGISTER === #

    def _get_o2c_shown(self, *, without=()):
        """What the files of these customers show of them: ``{file: {field: value}}``.

        :param without: bank accounts that are left out
        """
        files = self.env["o2c.credit.file"].sudo().with_context(active_test=False)
        return {
            file: {
                "vat": file.partner_id.vat or "",
                "country_id": file.partner_id.country_id.name or "",
                "bank_ids": file.partner_id._get_o2c_bank_accounts(without),
            }
            for file in files.search([("partner_id", "in", self.ids)], order="id")
        }

    def _get_o2c_bank_accounts(self, without):
        """Active bank accounts as text, in a fixed order."""
        banks = self.sudo().bank_ids.filtered(lambda bank: bank.active and bank not in without)
        return sorted(" ".join(filter(None, (bank.acc_number, bank.bank_id.name))) for bank in banks)

    def _log_o2c_shown(self, before):
        """Register at each file what it shows differently now."""
        after = self._get_o2c_shown()
        entries = []
        for file, values in before.items():
            changes = {
                name: {"from": value, "to": after[file][name]}
                for name, value in values.items()
                if file in after and after[file][name] != value
            }
            if changes:
                entries.append(file._prepare_evidence_entry(file._format_changed(changes), changes))
        self.env["o2c.register"]._log_many(entries)
