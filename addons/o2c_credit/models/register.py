from odoo import fields, models


class Register(models.Model):
    _inherit = "o2c.register"

    event = fields.Selection(
        selection_add=[
            ("limit_requested", "Credit application submitted"),
            ("limit_approved", "Credit application approved"),
            ("limit_refused", "Credit application refused"),
            ("limit_reopened", "Credit application back in draft"),
            ("limit_cancelled", "Credit application cancelled"),
            ("limit_merged", "Credit terms of merged customers"),
            ("limit_taken_over", "Odoo's credit limits taken over"),
            ("file_opened", "Credit file opened"),
            ("file_edited", "Credit file edited"),
            ("file_archived", "Credit file archived"),
            ("file_restored", "Credit file restored"),
            ("file_merged", "Credit files merged"),
            ("guarantee_state", "Guarantee"),
            ("guarantee_edited", "Documents of a guarantee edited"),
            ("guarantee_requested", "Guarantee submitted"),
            ("guarantee_in_force", "Guarantee in force"),
            ("guarantee_refused", "Guarantee refused"),
            ("guarantee_reopened", "Guarantee back in draft"),
            ("guarantee_released", "Guarantee released"),
            ("guarantee_called", "Guarantee called"),
            ("guarantee_expired", "Guarantee expired"),
            ("guarantee_custody", "Original received, moved or handed out"),
            ("credit_answered", "Scorecard answered"),
            ("credit_scored", "Customer scored"),
            ("credit_confirmed", "Credit terms confirmed by the customer"),
            ("watch_opened", "On the watch list"),
            ("watch_changed", "Watch list changed"),
            ("watch_closed", "Off the watch list"),
            ("review_opened", "Review opened"),
            ("suspended_by_policy", "Suspended by policy"),
        ]
    )
