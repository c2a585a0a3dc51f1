from . import credit_policy, checkpoint_mixin, facts, sale_order
