"""``Ensemble``: the estimator, on top of everything that it needs."""
