from . import credit_confirmation
from . import limit_takeover
