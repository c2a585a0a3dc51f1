from . import test_guarded
from . import test_policy
from . import test_run
