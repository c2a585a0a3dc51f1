from . import credit_confirmation
from . import credit_questionnaire
from . import credit_questionnaire_line
from . import guarantee_close
from . import guarantee_custody
from . import limit_takeover
from . import partner_merge
