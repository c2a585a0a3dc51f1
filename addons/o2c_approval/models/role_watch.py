from contextlib import contextmanager

from odoo import api, models
from odoo.addons.o2c_base.models.wording import join_names
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class RoleWatch(models.AbstractModel):
    """Registers who gets or loses a role that decides, whoever gives it and through whichever door.

    Roles are ordinary groups, so that an administrator of users can give himself one. He can't do it
    unseen: see `o2c.request._get_self_appointed` for what it costs him.
    """

    _name = "o2c.role.watch"
    _description = "Watch over Roles"

    @contextmanager
    def _watch(self, is_concerned=True):
        """Compare the holders of the watched roles before and after the block, where it may change them."""
        group_ids = self._get_watched_group_ids() if is_concerned else []
        if not group_ids or not self.env.registry.ready:
            yield
            return
        before = self._get_holders(group_ids)
        yield
        self._register_changes(before, self._get_holders(group_ids))

    @api.model
    def _get_watched_group_ids(self):
        """Roles of the authority table, of open steps and of the segregation rules."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT group_id FROM o2c_authority
                UNION SELECT group_id FROM o2c_authority_cosign
                UNION SELECT group_id FROM o2c_request_step WHERE state IN ('waiting', 'current')
                UNION SELECT group_a_id FROM o2c_segregation_rule WHERE active
                UNION SELECT group_b_id FROM o2c_segregation_rule WHERE active
                """
            )
        )
        return [group_id for [group_id] in rows]

    @api.model
    def _get_holders(self, group_ids):
        """{(user id, group id, company id)}: who holds which watched role where, by implication too."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE implied(given, held) AS (
                    SELECT id, id FROM res_groups
                    UNION
                    SELECT implied.given, rel.hid
                      FROM implied JOIN res_groups_implied_rel rel ON rel.gid = implied.held
                )
                SELECT DISTINCT rel.uid, implied.held, access.cid
                  FROM res_groups_users_rel rel
                  JOIN implied ON implied.given = rel.gid
                  JOIN res_company_users_rel access ON access.user_id = rel.uid
                  JOIN res_users users ON users.id = rel.uid AND users.active
                 WHERE implied.held = ANY(%s)
                """,
                group_ids,
            )
        )
        return set(rows)

    @api.model
    def _register_changes(self, before, after):
        """One entry per user whose roles changed, whether by groups or by access to a company."""
        changes = {}
        for index, holdings in enumerate((after - before, before - after)):
            for user_id, group_id, company_id in sorted(holdings):
                changes.setdefault(user_id, ([], []))[index].append((group_id, company_id))
        if not changes:
            return
        self._check_preventive(after, {user_id for user_id, (added, _removed) in changes.items() if added})
        self.env["o2c.register"]._log_many(
            [self._prepare_entry(user_id, *change) for user_id, change in sorted(changes.items())]
        )

    @api.model
    def _prepare_entry(self, user_id, added, removed):
        user = self.env["res.users"].sudo().browse(user_id)
        gained, lost = self._name_holdings(added), self._name_holdings(removed)
        parts = [self.env._("gets %s", join_names(self.env, gained))] if gained else []
        parts += [self.env._("loses %s", join_names(self.env, lost))] if lost else []
        return {
            "record": user,
            "event": "role_changed",
            "message": self.env._(
                "%(user)s: %(changes)s", user=user.name, changes=join_names(self.env, parts)
            ),
            "evidence": {
                "login": user.login,
                "added": gained,
                "removed": lost,
                "added_ids": sorted({group_id for group_id, _company_id in added}),
                "removed_ids": sorted({group_id for group_id, _company_id in removed}),
            },
        }

    @api.model
    def _name_holdings(self, holdings):
        """["Credit Officer (Pine Ltd)", ...]"""
        groups, companies = self.env["res.groups"].sudo(), self.env["res.company"].sudo()
        return [
            f"{groups.browse(group_id).full_name} ({companies.browse(company_id).name})"
            for group_id, company_id in holdings
        ]

    @api.model
    def _check_preventive(self, holders, user_ids):
        """:raises ValidationError: a preventive rule keeps apart what somebody would now hold together"""
        held = {(user_id, group_id) for user_id, group_id, _company_id in holders}
        for rule in self.env["o2c.segregation.rule"].sudo().search([("is_preventive", "=", True)]):
            for user_id in sorted(user_ids):
                if {(user_id, rule.group_a_id.id), (user_id, rule.group_b_id.id)} <= held:
                    raise ValidationError(
                        self.env._(
                            "%(user)s can't hold both '%(a)s' and '%(b)s': %(rule)s.",
                            user=self.env["res.users"].sudo().browse(user_id).name,
                            a=rule.group_a_id.display_name,
                            b=rule.group_b_id.display_name,
                            rule=rule.name,
                        )
                    )
