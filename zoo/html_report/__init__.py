"""The report: one HTML page about a fitted ensemble for people who do not program, and its numbers as JSON.

May import: explanation, evaluation, plots, state and all below them. Imported by the estimator and the command line.
"""
