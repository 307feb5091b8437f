"""zoo/training/checkpoint.py."""

import numpy as np

from zoo.training.checkpoint import Progress, read_progress, write_progress


def _progress(**options):
    defaults = {
        "phase": 1,
        "epoch": 3,
        "over": False,
        "best": 0.25,
        "waited": 2,
        "plateau": (0.5, 1),
        "seconds": 12.5,
        "history": [{"phase": "head", "epoch": 1, "val_loss": 0.25}],
        "network": [np.arange(6, dtype=np.float32).reshape(2, 3), np.array([3, 4], np.uint32)],
        "optimizer": [np.array(7, np.int64)],
        "weights": [np.ones((2, 3), np.float32)],
    }
    return Progress(**(defaults | options))


def test_what_is_written_is_read(tmp_path):
    written = _progress()
    write_progress(tmp_path / "own" / "p.npz", written)
    read = read_progress(tmp_path / "own" / "p.npz")
    for name in ("network", "optimizer", "weights"):
        pairs = list(zip(getattr(read, name), getattr(written, name), strict=True))
        assert all(own.dtype == other.dtype and np.array_equal(own, other) for own, other in pairs)
    assert vars(read) | {"network": 0, "optimizer": 0, "weights": 0} == vars(written) | {
        "network": 0,
        "optimizer": 0,
        "weights": 0,
    }


def test_an_infinite_best_survives(tmp_path):
    write_progress(tmp_path / "p.npz", _progress(best=float("inf"), plateau=(float("inf"), 0)))
    read = read_progress(tmp_path / "p.npz")
    assert (read.best, read.plateau) == (float("inf"), (float("inf"), 0))


def test_nothing_there_is_nothing_to_go_on_from(tmp_path):
    assert read_progress(tmp_path / "p.npz") is None


def test_a_broken_file_is_a_warning_and_a_new_start(tmp_path, caplog):
    write_progress(tmp_path / "p.npz", _progress())
    whole = (tmp_path / "p.npz").read_bytes()
    for broken in (whole[: len(whole) // 2], b"no archive", b""):
        (tmp_path / "p.npz").write_bytes(broken)
        assert read_progress(tmp_path / "p.npz") is None
    assert "starts anew" in caplog.text


def test_what_a_killed_writer_left_is_removed(tmp_path):
    (tmp_path / ".0123abcd.p.npz").write_bytes(b"half")
    (tmp_path / ".0123abcd.other.npz").write_bytes(b"another's")
    write_progress(tmp_path / "p.npz", _progress())
    assert sorted(path.name for path in tmp_path.iterdir()) == [".0123abcd.other.npz", "p.npz"]


def test_the_progress_of_another_training_is_not_taken(tmp_path, caplog):
    write_progress(tmp_path / "one.npz", _progress())
    (tmp_path / "one.npz").rename(tmp_path / "two.npz")
    assert read_progress(tmp_path / "two.npz") is None
    assert "another training" in caplog.text
