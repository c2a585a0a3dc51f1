from . import month_end_reason
