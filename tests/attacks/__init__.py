"""Every way round the controls that we know, tried from outside as plain users.

``./o2c test attacks`` builds one company (``world_setup.py``) with all controls
enforcing and a customer limit of 1,000, starts a server with several worker
processes, and attacks it through JSON-2, XML-RPC and the portal. Each attack must
end refused or held, and nothing may have changed: the judge (``world.py``) reads
the tables itself. A server that crashes has not refused: such a test fails.

A new attack is one line in the table of its file, or a test that takes ``world``.
Take a fresh ``world.customer()`` each time; let the attackers use ``world.user(login)``;
wrap what must be refused in ``world.refused()`` and what may silently come to nothing in
``world.attempt()``. Where an attack gets through, mend it at the sink, not at the button.
"""
