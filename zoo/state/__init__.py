"""The state of a fitted ensemble: one frozen value, what it holds, and how it is written and read.

May import: report, members and all below.
Imported by evaluation, export, inference, ensemble and the command line.
"""
