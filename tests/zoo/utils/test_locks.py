"""zoo/utils/locks.py."""

import numpy as np
import pytest

from zoo.utils.locks import exclusive_lock, kept_array


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


def test_an_array_whose_bits_changed_is_made_again(tmp_path, caplog):
    made = []

    def make():
        made.append(True)
        yield np.arange(6.0).reshape(2, 3)
        yield np.ones((1, 3))

    def kept(about="these"):
        return np.array(kept_array(tmp_path / "a.npy", (3, 3), "float32", make, about=about))

    first = kept()
    np.testing.assert_array_equal(kept(), first)
    assert len(made) == 1
    content = bytearray((tmp_path / "a.npy").read_bytes())
    content[140] ^= 1
    (tmp_path / "a.npy").write_bytes(content)
    np.testing.assert_array_equal(kept(), first)
    assert len(made) == 2
    assert "made again" in caplog.text
    kept("others")
    assert len(made) == 3
