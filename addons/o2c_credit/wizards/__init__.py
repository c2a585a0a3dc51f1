from . import limit_takeover
