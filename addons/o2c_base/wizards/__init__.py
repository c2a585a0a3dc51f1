from . import register_verify
from . import register_export
from . import preset_load
from . import preset_load_line
