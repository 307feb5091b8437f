"""zoo/state/occupancy.py: prune waits for no fit, and takes nothing from one."""

import subprocess
import sys
import time

import pytest
from filelock import FileLock

from zoo.state.occupancy import alone, check_idle, occupied

HOLD = """
import sys, time
from zoo.state.occupancy import occupied
with occupied(sys.argv[1]):
    print("in", flush=True)
    time.sleep(60)
"""


def locks(run):
    return sorted(path.name for path in (run / "locks").iterdir())


def test_fits_side_by_side_keep_prune_out(tmp_path):
    with occupied(tmp_path), occupied(tmp_path):
        assert len(locks(tmp_path)) == 3
        with pytest.raises(RuntimeError, match="being fitted"), alone(tmp_path):
            pass
    with alone(tmp_path):
        assert locks(tmp_path) == ["gate.lock"]


def test_a_fit_waits_until_prune_is_over(tmp_path):
    with alone(tmp_path):
        process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        time.sleep(0.3)
        assert locks(tmp_path) == ["gate.lock"]
    assert process.stdout.readline() == "in\n"
    with pytest.raises(RuntimeError, match="being fitted"):
        check_idle(tmp_path)
    process.kill()
    process.communicate()
    check_idle(tmp_path)
    with occupied(tmp_path):
        assert len(locks(tmp_path)) == 2  # that of the killed one went


def test_a_member_that_is_trained_keeps_prune_out(tmp_path):
    (tmp_path / "locks").mkdir()
    with FileLock(tmp_path / "locks" / "one-1.lock"), pytest.raises(RuntimeError, match="one-1"), alone(tmp_path):
        pass


def test_without_a_store_or_a_folder_that_can_be_written_nobody_is_kept_out(tmp_path):
    (tmp_path / "file").write_text("")
    for nowhere in (None, tmp_path / "file" / "run"):
        with occupied(nowhere):
            pass
