"""zoo/serve/served_model.py: what is found before processes are started for a model."""

import pytest

from zoo.inference.engines import choice
from zoo.serve.decisions import Decisions
from zoo.serve.served_model import _say, check_model
from zoo.serve.settings import Settings


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"engine": "litert"}, ("--engine", "litert", "SavedModel")),
        ({"method": "soft"}, ("method", "'soft'")),
        ({"error": 0.3}, ("--error", "0.3")),
    ],
)
def test_what_does_not_fit_an_export_is_named(refused, export, options, words):
    with refused(*words):
        check_model(Settings(model=str(export), **{"error": 0.05, **options}))


def test_a_runtime_that_is_missing_is_named(refused, export, monkeypatch):
    monkeypatch.setitem(choice.RUNTIMES, "onnx", ("no_such_runtime",))
    check_model(Settings(model=str(export), error=0.05))
    with refused("no_such_runtime", "ensemble-zoo[onnx]", error=ImportError):
        check_model(Settings(model=str(export), error=0.05, engine="onnx"))


@pytest.mark.parametrize(("record", "remedy"), [({"storage": "int8"}, "float16"), ({}, "--uncertainty")])
def test_a_model_without_thresholds_is_told_with_what_can_be_done(record, remedy, caplog):
    _say(record, Decisions(classes=2))
    assert len(caplog.messages) == (1 if record else 2)
    assert remedy in caplog.text


def test_a_manifest_that_is_none_is_named(refused, tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    with refused("manifest.json", "classes"):
        check_model(Settings(model=str(tmp_path)))
