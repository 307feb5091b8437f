"""Let the C library keep freed memory for the next training step.

TensorFlow 2.21 sets glibc's ``M_TRIM_THRESHOLD`` to 128 kB when it makes a generator dataset, and each
``keras.utils.PyDataset`` becomes one. From then on the buffers of a step go back to the system when the step ends, and
the next step faults them in again, page by page.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
KEPT = 1 << 30  # bytes at the top of the heap that stay, and up to which a block is taken from the heap
USERS_CHOICES = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


def keep_freed_memory() -> None:
    """Raise the thresholds at which glibc gives memory back; does nothing with another C library.

    Call it after each dataset that may lower them: a call takes a microsecond. Thresholds that the user has set in the
    environment stay.
    """
    mallopt = _mallopt()
    if mallopt is not None:
        mallopt(M_TRIM_THRESHOLD, KEPT)
        mallopt(M_MMAP_THRESHOLD, KEPT)


@cache
def _mallopt() -> Callable[[int, int], int] | None:
    """glibc's function; None where there is none, or where the user has chosen."""
    if any(name in os.environ for name in USERS_CHOICES):
        return None
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018 - musl has neither this nor the thresholds
        function: Callable[[int, int], int] = library.mallopt
    except (AttributeError, OSError, TypeError):  # TypeError: Windows has no library without a name
        return None
    return function
