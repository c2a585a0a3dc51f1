from . import credit_confirmation
from . import credit_questionnaire
from . import credit_questionnaire_line
from . import limit_takeover
