"""zoo/utils/locks.py."""

import pytest

from zoo.utils.locks import exclusive_lock


def test_one_process_at_a_time_writes(tmp_path):
    out = tmp_path / "new" / "out.csv"
    with exclusive_lock(out), pytest.raises(RuntimeError, match="another process"), exclusive_lock(out):
        pass
    assert not list((tmp_path / "new").iterdir())


def test_what_a_killed_process_left_beside_is_cleared_away(tmp_path):
    out = tmp_path / "out"
    left = tmp_path / ".12345678.out"  # as replacing() names what it writes
    left.mkdir()
    with exclusive_lock(out):
        assert not left.exists()
