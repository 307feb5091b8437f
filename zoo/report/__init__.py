"""Tables for people and programs, as functions of rows: the leaderboard, corruptions.

May import: augment's list of corruptions, utils.
Imported by state, evaluation and all above.
"""
