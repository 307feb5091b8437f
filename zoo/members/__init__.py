"""Members: one network each, made, trained in processes, kept in a store, and predicted with.

Import from it: its modules, first of all ``member``, ``store`` and ``held_out``.
"""
