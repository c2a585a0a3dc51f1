from . import credit_report
from . import credit_report_export
from . import exposure_report
