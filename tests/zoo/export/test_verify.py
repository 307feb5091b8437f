"""zoo/export/verify.py: the fresh process."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo.export import ExportError
from zoo.export.verify import clean_environment, fresh_process

pytestmark = pytest.mark.fits

IMAGES = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3)
DOUBLE = """
import json
import numpy as np
path, given, answered = json.loads(sys.stdin.readline())
np.savez(answered, twice=2 * np.load(given), path=path)
"""


def test_a_process_is_asked_once_it_is_ready(tmp_path):
    with fresh_process(DOUBLE) as ask:
        answers = ask(tmp_path, IMAGES)
    np.testing.assert_array_equal(answers["twice"], 2 * IMAGES)
    assert answers["path"] == str(tmp_path.resolve())


@pytest.mark.parametrize("module", ["zoo", "ensembles"])
def test_it_has_nothing_of_this_library(tmp_path, module):
    with fresh_process(f"import {module}") as ask, pytest.raises(ExportError, match=f"import.*{module}"):
        ask(tmp_path, IMAGES)


def test_other_libraries_on_the_path_stay_there(monkeypatch, tmp_path):
    library = Path(zoo.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(library), str(tmp_path)]))
    assert clean_environment()["PYTHONPATH"] == str(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(library))
    assert "PYTHONPATH" not in clean_environment()


def test_what_goes_wrong_there_is_told(tmp_path):
    with (
        fresh_process("sys.stdin.readline()\nraise OSError('no such model')") as ask,
        pytest.raises(ExportError, match="no such model"),
    ):
        ask(tmp_path, IMAGES)


def test_it_ends_when_this_one_fails(monkeypatch):
    started, popen = [], subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **given: started.append(popen(*args, **given)) or started[0])
    with pytest.raises(KeyError), fresh_process("sys.stdin.readline()"):
        raise KeyError
    assert started[0].returncode is not None
