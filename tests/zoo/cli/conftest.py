"""A run that a command made, on a folder of files, and commands given to it in this process."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from zoo.cli import main as cli

FIT = ("--member", "simple_cnn", "--head-epochs", "2", "--epochs", "0", "--augment", "none", "--method", "soft")


@pytest.fixture
def zoo(monkeypatch, capsys):
    """Runs a command; returns its exit code and what it printed."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return SimpleNamespace(code=ended.value.code, out=printed.out, err=printed.err)

    return run


@pytest.fixture(scope="session")
def coloured_files(blobs, tmp_path_factory):
    """The blobs as files in folders of classes."""
    root = tmp_path_factory.mktemp("coloured")
    for row, (picture, label) in enumerate(zip(blobs.pixels, blobs.labels, strict=True)):
        path = root / blobs.classes[label] / f"{row:03}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(picture).save(path)
    return root


@pytest.fixture(scope="session")
def fitted_run(coloured_files, tmp_path_factory) -> Path:
    """The folder of a run that ``zoo fit`` made."""
    run = tmp_path_factory.mktemp("runs") / "one"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ensembles.RULES", ("soft",))
        patch.setattr(sys, "argv", ["zoo", "fit", "--data", str(coloured_files), "--out", str(run), *FIT])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert ended.value.code == 0
    return run
