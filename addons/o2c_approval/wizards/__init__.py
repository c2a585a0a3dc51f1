from . import request_decide
