from . import test_roles
from . import test_register
from . import test_seal
from . import test_corporate_group
from . import test_overview
from . import test_company_clock
from . import test_rules
from . import test_checklist
