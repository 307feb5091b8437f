"""``Ensemble``: the estimator, which fits a state and hands it to evaluation and export.

Import from it: ``Ensemble`` of ``estimator``, and ``for_student`` of ``distill``.
"""
