from . import test_opening_items
