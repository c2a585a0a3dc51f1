from . import guarded
from . import transition
from . import register
from . import ir_model_fields_selection
