"""zoo/state/not_a_run.py: what lies where a run was expected, and what to do."""

import pytest

from zoo.state.not_a_run import not_a_run
from zoo.state.run_folder import spare_parts


def place(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    return folder


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """A run beside which one types."""
    monkeypatch.chdir(tmp_path)
    return place(tmp_path / "runs" / "demo", "ensemble.json", "report.html", "saved_model/manifest.json")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("runs/demp", ("nothing at", "Did you mean runs/demo?")),
        ("demo", ("nothing at", "Did you mean runs/demo?")),
        ("runs/cells", ("nothing at", "zoo fit --out")),
        ("runs/demo/report.html", ("is a file", "Did you mean runs/demo?")),
        ("runs/demo/saved_model", ("an export", "manifest.json", "Did you mean runs/demo?")),
        ("runs", ("has none", "Did you mean runs/demo?")),
    ],
)
def test_the_nearest_run_is_named(demo, tmp_path, given, said):
    text = str(not_a_run(tmp_path / given))
    assert all(words in text for words in said), text


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("red/1.png", "blue/2.png"), ("a folder of pictures", "zoo fit --data")),
        (("members/simple_cnn/choices.json", "log.txt"), ("not complete", "same `zoo fit` again")),
        (("model.onnx", "manifest.json"), ("an export", "exported from")),
        (("notes.txt",), ("has none", "zoo fit --out")),
    ],
)
def test_what_lies_there_instead_is_told(tmp_path, names, said):
    text = str(not_a_run(place(tmp_path / "there", *names)))
    assert all(words in text for words in said), text


def test_no_remedy_removes_anything(demo):
    with pytest.raises(FileNotFoundError, match=r"an export.*Did you mean") as raised:
        spare_parts(demo / "saved_model")
    assert "remove it" not in str(raised.value)
