"""The command line: one file a command, and what they share.

May import: everything.
Imported by nothing.
"""
