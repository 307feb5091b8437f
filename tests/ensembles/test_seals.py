"""ensembles/seals.py, and the rules that are sealed by it."""

import json
import re

import numpy as np
import pytest

from ensembles import load, make_rule, save
from ensembles.seals import sealed, unsealed


def test_what_was_sealed_is_read_and_what_was_changed_is_refused():
    record = json.loads(json.dumps(sealed({"weights": (0.1, 0.9), 3: "three"}, 2)))
    assert unsealed(record, 2, "a rule", first=2) == {"format": 2, "weights": [0.1, 0.9], "3": "three"}
    for other in ({"weights": [0.2, 0.9]}, {"more": 1}, {"seal": None}, {"seal": "0" * 64}):
        with pytest.raises(ValueError, match="changed"):
            unsealed(record | other, 2, "a rule", first=2)
    del record["seal"]
    with pytest.raises(ValueError, match="changed"):
        unsealed(record, 2, "a rule", first=2)


def test_records_of_earlier_formats_have_no_seal():
    assert unsealed({"format": 1, "a": 2}, 2, "a rule", first=2)["a"] == 2
    assert unsealed({"a": 2}, 1, "a rule", first=1, oldest=0)["a"] == 2


def test_a_newer_format_says_to_upgrade():
    with pytest.raises(ValueError, match=r"format 2 at most.*7.*Upgrade"):
        unsealed(sealed({}, 7), 2, "a rule", first=2)


@pytest.mark.parametrize("record", [[], None, 3, {"format": "2"}, {"format": True}, {"format": -1}, {}])
def test_what_no_version_wrote_is_refused(record):
    with pytest.raises(ValueError, match="Expected a rule"):
        unsealed(record, 2, "a rule", first=2)


@pytest.fixture
def folder(problem, tmp_path):
    save(make_rule("soft").fit(*problem()), tmp_path)
    return tmp_path


def test_a_rule_that_was_changed_is_refused(folder):
    file = folder / "rule.json"
    file.write_text(file.read_text().replace("logits", "probabilities"))
    with pytest.raises(ValueError, match="changed"):
        load(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", "no JSON", '{"format": 1}', '{"format": 9}'])
def test_what_is_no_rule_is_refused(folder, text):
    (folder / "rule.json").write_text(text)
    with pytest.raises(ValueError, match="Expected a rule"):
        load(folder)


def _forge(folder, change):
    """Change a rule and seal it again, as somebody would on purpose."""
    file = folder / "rule.json"
    record = json.loads(file.read_text())
    del record["seal"]
    change(record)
    file.write_text(json.dumps(sealed(record, 1)))


def test_arrays_are_read_from_the_folder_alone(folder):
    np.save(folder.parent / "elsewhere.abcdefgh.npy", np.ones(3) / 3)
    _forge(folder, lambda record: record["learned"]["weights_"].update(array="../elsewhere.abcdefgh.npy"))
    with pytest.raises(ValueError, match=re.escape("../elsewhere")):
        load(folder)


def test_a_rule_learns_only_what_it_has(folder):
    _forge(folder, lambda record: record["learned"].update(combine="something else"))
    with pytest.raises(ValueError, match="combine"):
        load(folder)


def test_an_array_of_objects_is_no_array_of_a_rule(folder):
    _forge(folder, lambda record: record["learned"]["weights_"].update(dtype="|O"))
    with pytest.raises(ValueError, match="object"):
        load(folder)
