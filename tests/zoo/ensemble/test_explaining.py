"""zoo/ensemble/explaining.py: which images a report corrupts."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from zoo import Ensemble
from zoo.cli.scored_images import images_to_corrupt
from zoo.data.images import Splits

pytestmark = pytest.mark.fits


@pytest.fixture
def of_folds(trained, colours, monkeypatch):
    """An ensemble whose state says that its training images were held out in folds; and what was corrupted."""
    asked = {}
    monkeypatch.setattr("zoo.evaluation.robustness.validate", lambda _, *shown, **__: asked.update([shown]) or asked)
    monkeypatch.setattr("zoo.html_report.page.make_report", lambda findings, _: findings)
    covering = SimpleNamespace(folds=2, covers=lambda images: images is colours.train)
    ensemble = Ensemble(trained.members)
    ensemble._state = replace(trained.state_, held_out=covering, images=colours)
    return ensemble


def test_after_folds_the_validation_images_are_corrupted_and_the_training_images_scored(of_folds, colours):
    findings = of_folds.report(shift=True)
    assert findings.images is colours.train
    assert findings.shift == {"validation": colours.validation}
    assert of_folds.report(shift=findings.shift).shift is findings.shift


def test_of_a_run_of_folds_a_command_corrupts_the_validation_images(of_folds, colours, monkeypatch):
    monkeypatch.setattr("zoo.cli.scored_images.run_images", lambda *_: colours)
    assert images_to_corrupt(None, of_folds, Splits(colours.train)).to_score()[1] is colours.validation
    others = Splits(colours.validation)
    assert images_to_corrupt(None, of_folds, others) is others
