"""TensorFlow does not survive a fork: its threads stay in the parent, and the child waits for them for ever."""

from __future__ import annotations

import os
import sys

_late_forks: set[int] = set()  # ids of processes that were forked after TensorFlow had started


def check_not_forked() -> None:
    """Check before a network predicts or trains that this process can.

    Raises:
        RuntimeError: it was forked from one that had used TensorFlow.
    """
    if os.getpid() in _late_forks:
        raise RuntimeError(
            "Expected a process of its own for a network; received one forked after TensorFlow had started, where it "
            "would wait for ever. Use threads, or multiprocessing.get_context('spawn'); or load the ensemble in the "
            "forked process before its parent uses TensorFlow."
        )


def _note_fork() -> None:
    """In the child: whether the parent had started TensorFlow, and so has threads that the child lacks."""
    if _started():
        _late_forks.add(os.getpid())


def _started() -> bool:
    """Whether TensorFlow has made its devices and threads; importing it alone makes none."""
    module = sys.modules.get("tensorflow.python.eager.context")
    # No public function tells it without starting TensorFlow.
    return getattr(getattr(module, "_context", None), "_context_handle", None) is not None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)
