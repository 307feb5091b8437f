"""zoo/cli/run_config.py: whose files a run's folder may hold before its fit."""

import json

import pytest

from zoo.cli.run_config import check_place


@pytest.mark.parametrize("name", ["config.json", "config.toml", "run.json", "leaderboard.csv", "shift.csv"])
def test_files_of_something_else_are_neither_replaced_nor_removed(name, tmp_path, refused):
    (tmp_path / "cat").mkdir()
    check_place(tmp_path)
    (tmp_path / name).write_text("mine")
    with refused(name, "another folder", error=FileExistsError):
        check_place(tmp_path)


@pytest.mark.parametrize(("asked", "passes"), [({"preset": "fast"}, True), ({"preset": None}, False), ("cut", True)])
def test_of_a_run_the_toml_of_a_preset_is_its_own(asked, passes, tmp_path, refused):
    (tmp_path / "members").mkdir()
    (tmp_path / "config.json").write_text(json.dumps(asked) if isinstance(asked, dict) else '{"pre')
    (tmp_path / "leaderboard.csv").write_text("of an earlier version")
    check_place(tmp_path)
    (tmp_path / "config.toml").write_text("")
    if passes:
        check_place(tmp_path)
        return
    with refused("config.toml", error=FileExistsError):
        check_place(tmp_path)


def test_a_run_is_not_written_among_pictures(tmp_path, refused):
    for name in ("data/cat/1.png", "data/dog/1.png", "results/plots/1.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    for folder in ("data", "data/cat"):
        with refused("pictures", folder, error=FileExistsError):
            check_place(tmp_path / folder)
    for folder in ("data/run", "results"):
        check_place(tmp_path / folder)
