"""How many threads linear algebra may take."""

from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """Keep BLAS to one thread: two shared cores took up to 14 times as long on matrices this small."""
    import sklearn.linear_model  # noqa: F401 - only libraries loaded by now are limited, SciPy's by this one too
    from threadpoolctl import threadpool_limits

    limit: AbstractContextManager[object] = threadpool_limits(1)
    return limit
