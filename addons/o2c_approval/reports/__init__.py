from . import segregation_conflict
