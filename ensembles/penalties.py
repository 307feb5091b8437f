"""Settings of every search for a penalty: how many rows choose it, and how many threads fit it."""

from contextlib import AbstractContextManager

import numpy as np

from ensembles.rule import Array

MOST_ROWS = 10_000
"""Rows by which a penalty is chosen, at most.

The penalty is added to the summed loss, so its best strength does not grow with the number of rows.
"""


FOLDS, FOLDS_OF_MANY = 5, 3
"""Folds of a search; `MOST_ROWS` rows need fewer, as a copy that is fitted on two thirds of them lacks little."""


def folds_for_search(rows: Array | None) -> int:
    """Return how many folds a search has, from what `rows_for_search` returned."""
    return FOLDS if rows is None else FOLDS_OF_MANY


def rows_for_search(samples: int, seed: int) -> Array | None:
    """Draw the rows by which a penalty is chosen: `MOST_ROWS` indices, or None where all rows are used."""
    if samples <= MOST_ROWS:
        return None
    return np.random.default_rng(seed).choice(samples, MOST_ROWS, replace=False)


def one_thread() -> AbstractContextManager[object]:
    """Keep BLAS to one thread: on matrices this small, two shared cores took up to 14 times as long."""
    # threadpoolctl limits only libraries that are loaded; this import loads SciPy's BLAS.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_limits

    limit: AbstractContextManager[object] = threadpool_limits(1)
    return limit
