"""Limits become what was granted: they get a kind, a source and a currency of their own."""

from odoo.tools import SQL


def migrate(cr, version):
    """Fill the new required columns before the ORM demands them."""
    if not version:
        return
    for name, kind in (("kind", "varchar"), ("source", "varchar"), ("currency_id", "integer")):
        cr.execute(
            SQL(
                "ALTER TABLE o2c_credit_limit ADD COLUMN IF NOT EXISTS %s %s",
                SQL.identifier(name),
                SQL(kind),
            )
        )
    cr.execute(
        """
        UPDATE o2c_credit_limit granted
           SET kind = COALESCE(granted.kind, 'regular'),
               source = COALESCE(granted.source, 'application'),
               currency_id = COALESCE(granted.currency_id, company.currency_id)
          FROM res_company company
         WHERE company.id = granted.company_id
        """
    )
