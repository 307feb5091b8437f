"""``Ensemble``: the estimator, which fits a state and hands it to evaluation and export.

May import: everything but inference and the command line.
Imported by the front door, benchmarks and the command line.
"""
