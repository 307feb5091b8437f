"""zoo/state/run_record.py."""

from datetime import datetime, timedelta

import pytest

from zoo.state.run_record import read_run_record, record_run


def test_it_is_read_as_it_was_written(colours, tmp_path):
    started = datetime.now().astimezone() - timedelta(seconds=5)
    record = record_run(tmp_path, str(tmp_path), colours, started)
    assert read_run_record(tmp_path) == record
    assert record.counts == {
        "train": {"red": 24, "green": 24, "blue": 24},
        "validation": {"red": 8, "green": 8, "blue": 8},
    }
    assert record.source == str(tmp_path.resolve())
    assert 5 <= record.seconds < 60
    assert {"python", "ensemble-zoo", "keras", "numpy"} <= set(record.versions)


def test_a_source_that_is_no_path_stays_a_word(colours, tmp_path):
    assert record_run(tmp_path, "demo", colours, datetime.now().astimezone()).source == "demo"


def test_the_demo_stays_a_word_beside_a_folder_of_that_name(colours, tmp_path, monkeypatch):
    (tmp_path / "demo").mkdir()
    monkeypatch.chdir(tmp_path)
    assert record_run(tmp_path, "demo", colours, datetime.now().astimezone()).source == "demo"


def test_a_run_of_an_earlier_version_has_none(tmp_path):
    assert read_run_record(tmp_path) is None


def test_what_a_later_version_adds_is_left_out(colours, tmp_path):
    import json

    record = record_run(tmp_path, "demo", colours, datetime.now().astimezone())
    path = tmp_path / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"weather": "rain"}))
    assert read_run_record(tmp_path) == record


def test_the_record_of_a_newer_version_says_to_upgrade(tmp_path):
    (tmp_path / "run.json").write_text('{"format": 99}')
    with pytest.raises(ValueError, match=r"99.*Upgrade"):
        read_run_record(tmp_path)


@pytest.mark.parametrize("text", ["[]", "{}", '{"command": 3}', '{"format": "1"}'])
def test_what_is_no_record_is_refused(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(ValueError, match="Expected"):
        read_run_record(tmp_path)
