"""drills/mutations.py, short: nothing is lost, and what would be a loss is told."""

import pytest

from drills import mutations
from drills.mutators import Mutator
from drills.probes import KINDS, Kind


def test_damaged_files_are_refused_or_read_right():
    outcome = mutations.drill(60, seed=1, short=True)
    assert outcome.lost == []
    assert outcome.counts["refused"] > 15


@pytest.fixture
def lose(tmp_path, monkeypatch):
    """The first loss of a drill of one kind of file, whose probe is a function."""

    def of(probe, sealed=True):
        kinds = tuple(kind for kind in KINDS if kind.name == "rule")
        monkeypatch.setattr(mutations, "KINDS", kinds)
        mutations.prepare(tmp_path, networks=False)
        monkeypatch.setattr(mutations, "KINDS", (Kind("rule", "rule", "*", probe, sealed),))
        monkeypatch.setattr(mutations, "EVERY", (Mutator("none", lambda path, random, canary: None),))
        monkeypatch.setattr(mutations, "FORGERIES", ())
        return mutations.trial(tmp_path, 0, 0).lost

    return of


def raises(error):
    def probe(root, file):
        raise error

    return probe


def test_what_would_be_a_loss_is_told(lose):
    assert "KeyError" in lose(raises(KeyError("weights")))


def test_an_error_without_words_is_a_loss(lose):
    assert "ValueError" in lose(raises(ValueError("bad")))


def test_another_answer_is_a_loss(lose):
    assert "another answer" in lose(lambda root, file: "another")


def test_code_that_runs_is_a_loss(lose):
    assert "code" in lose(lambda root, file: (root.parents[1] / "canary").touch())


def test_what_changes_outside_is_a_loss(lose):
    assert "outside" in lose(lambda root, file: (root.parents[1] / "outside" / "precious.txt").write_text(""))
