"""zoo/state/made_from.py: what lies in a run's folder and was made of an earlier fit is told."""

import json
import zipfile
from dataclasses import replace

import pytest

from zoo import Ensemble
from zoo.state.made_from import made_from, stale_in

pytestmark = pytest.mark.fits


@pytest.fixture
def state(trained):
    return trained.state_


def test_a_digest_holds_after_loading_and_differs_by_all_that_answers(trained, state, tmp_path):
    digest = made_from(state, "soft")
    assert made_from(Ensemble.load(trained.save(tmp_path / "run")).state_, "soft") == digest
    others = (
        replace(state, keys=[*state.keys[1:], "another"]),
        replace(state, image_size=(20, 20)),
        replace(state, rules={**state.rules, "soft": state.rules["best"]}),
        replace(state, rules={}),
    )
    assert len({digest, *(made_from(other, "soft") for other in others)}) == 5
    assert made_from(others[2], "soft") == made_from(state, "best")


def _write(run, digest):
    record = {"method": "soft", "made_from": digest}
    for name in ("model/manifest.json", "cells.onnx.json", "page.json"):
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).write_text(json.dumps(record))
    (run / "cells.onnx").write_bytes(b"graph")
    (run / "page.html").write_text("<html>")
    with zipfile.ZipFile(run / "submission.zip", "w") as archive:
        archive.writestr("saved_model/manifest.json", json.dumps(record))


def test_what_was_made_of_other_members_or_rules_is_named(state, tmp_path):
    _write(tmp_path, made_from(state, "soft"))
    assert stale_in(tmp_path, state) == []
    later = replace(state, keys=["another", *state.keys[1:]])
    assert stale_in(tmp_path, later) == ["cells.onnx", "model", "page.html", "submission.zip"]


def test_what_does_not_say_of_what_it_was_made_is_not_named(state, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "manifest.json").write_text('{"method": "soft"}')
    (tmp_path / "members").mkdir()
    (tmp_path / "cut.zip").write_bytes(b"PK")
    with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
        archive.writestr("1.png", b"")
    for name in ("list.html", "list.json", "other.onnx", "other.onnx.json", "log.txt"):
        (tmp_path / name).write_text("[1]")
    assert stale_in(tmp_path, state) == []
