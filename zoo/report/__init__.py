"""Tables for people and programs, as functions of rows: the leaderboard, corruptions.

Import from it: its modules, first of all ``leaderboard`` and ``tables``.
"""
