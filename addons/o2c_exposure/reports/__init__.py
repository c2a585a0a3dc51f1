from . import exposure_report
from . import exposure_line
