from . import register_verify
from . import register_export
