"""drills/outcome.py, contents.py and service.py: what is lost is told, and what has only another time is no loss."""

import json
import shutil

import numpy as np
import pytest

from drills.contents import differences
from drills.outcome import Outcome, summary


def test_the_table_has_what_was_tried_and_lost(capsys):
    outcome = Outcome("kills")
    outcome.good("killed")
    outcome.lose("ended otherwise", "weights differ")
    outcome.skip("no root")
    text = summary([outcome, Outcome("mutations")])
    assert "LOST kills: weights differ" in capsys.readouterr().out
    assert "kills          2     1  1 killed, 1 ended otherwise" in text
    assert "kills: LOST: weights differ" in text
    assert "kills: skipped: no root" in text


@pytest.fixture
def works(tmp_path):
    """Two folders of work with the same run, but for what depends on clocks."""
    for name, seconds in (("one", 1.0), ("two", 2.0)):
        run = tmp_path / name / "run"
        (run / "ensembles" / name).mkdir(parents=True)
        np.save(run / "ensembles" / name / "logits.npy", np.arange(4))
        (run / "ensemble.json").write_text(json.dumps({"rules": [0.5], "seconds": seconds, "folder": name}))
        (run / "run.json").write_text(f"{seconds}")
    return tmp_path / "one", tmp_path / "two"


def test_clocks_are_no_difference(works):
    assert list(differences(*works, "fit")) == []


def test_bits_and_files_are(works):
    np.save(works[1] / "run" / "ensembles" / "two" / "logits.npy", np.arange(4) + 1)
    (works[1] / "run" / ".3f2a91c0.ensemble.json").write_text("")
    shutil.rmtree(works[0] / "run" / "members", ignore_errors=True)
    (works[0] / "run" / "members").mkdir()
    (works[0] / "run" / "members" / "one").write_text("")
    told = " ".join(differences(*works, "fit"))
    for words in ("logits.npy is another", "ensemble.json is left behind", "members/one is missing"):
        assert words in told
