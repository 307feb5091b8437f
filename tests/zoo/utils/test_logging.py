"""zoo/utils/logging.py: whose messages are shown, and when."""

import logging

from zoo.utils.logging import without_tensorflow_warnings

THEIRS = logging.getLogger("tensorflow")


def test_tensorflows_warnings_are_kept_away_while_a_block_runs(caplog):
    before = THEIRS.level
    with without_tensorflow_warnings():
        THEIRS.warning("traced anew")
        THEIRS.error("out of memory")
    assert THEIRS.level == before
    THEIRS.setLevel(logging.WARNING)
    THEIRS.warning("of the user's own code")
    THEIRS.setLevel(before)
    assert "traced anew" not in caplog.text
    assert "of the user's own code" in caplog.text


def test_blocks_that_end_in_another_order_leave_nothing_behind():
    """As two threads that predict at once do."""
    level, filters = THEIRS.level, list(THEIRS.filters)
    first, second = without_tensorflow_warnings(), without_tensorflow_warnings()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert (THEIRS.level, THEIRS.filters) == (level, filters)
