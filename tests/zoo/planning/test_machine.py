"""zoo/planning/machine.py."""

import pytest

from zoo.planning import machine
from zoo.planning.machine import look_around


@pytest.fixture
def groups(monkeypatch, tmp_path):
    """Control groups of our own: writes a process's groups and their files."""
    monkeypatch.setattr(machine, "GROUPS", tmp_path)
    monkeypatch.setattr(machine, "OWN_GROUPS", tmp_path / "own")

    def write(own, **files):
        (tmp_path / "own").write_text(own)
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_max", ".max").replace("limit_in", "memory.limit_in")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


def test_a_machine_has_cores_and_memory_and_disk(tmp_path):
    found = look_around(tmp_path)
    assert found.cores >= 1
    assert found.memory > 1e8
    assert found.disk > 0


def test_memory_is_what_the_control_group_allows(groups):
    groups("0::/job/step\n", job__memory_max="300000\n", job__step__memory_max="max\n", memory_max="max\n")
    assert machine.memory() == 300_000


def test_memory_is_what_a_group_of_the_first_version_allows(groups):
    groups("3:cpu:/\n2:memory,hugetlb:/job\n", memory__job__limit_in_bytes="400000\n")
    assert machine.memory() == 400_000


def test_memory_is_the_machines_where_no_group_limits_it(groups):
    groups("0::/\n", memory_max="max\n")
    assert machine.memory() == min(machine._physical())
