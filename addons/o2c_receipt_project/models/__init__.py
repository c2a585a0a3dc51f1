from . import project_task, register
