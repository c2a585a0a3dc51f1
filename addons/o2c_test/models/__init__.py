from . import document
from . import guarded
from . import policy
from . import run
