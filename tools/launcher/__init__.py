"""The launcher behind ./o2c: plain Python 3.10+, no package outside the standard library.

One file per concern. ``cli`` reads the command line, ``setup`` brings a machine to a running
state step by step, the others each know one thing (apt, the virtual environment, PostgreSQL ...).
"""
