"""The state of a fitted ensemble: one frozen value, what it holds, and how it is written and read.

Import from it: its modules, first of all ``state`` and ``persistence``.
"""
