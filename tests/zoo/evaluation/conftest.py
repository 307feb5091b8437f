"""Members that answer at once: they name the colour that is strongest on average, each with its own bias."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ensembles.input_warnings import without_warnings
from zoo.data import Splits
from zoo.data.targets import Targets
from zoo.report.leaderboard import Leaderboard
from zoo.state.held_out_predictions import held_out_predictions_of
from zoo.state.provenance import provenance_of
from zoo.state.state import EnsembleState


class Guesser:
    """Answers with mean red, green and blue, and its own bias, over its own scale; counts how often it is asked."""

    def __init__(self, name, bias=(0, 0, 0), scale=20.0):
        self.name, self.bias, self.scale, self.asked = name, np.array(bias), scale, 0

    def logits(self, images):
        self.asked += 1
        means = images.take(np.arange(len(images))).mean(axis=(1, 2))
        return ((means + self.bias) / self.scale).astype(np.float32)


@pytest.fixture
def guesser():
    """Make a member: ``guesser("name", bias, scale)``."""
    return Guesser


def make_state(members, rules, images, logits, **others):
    """A fitted ensemble of members that are no networks, whose rules are fitted on the logits of some images."""
    splits = others.pop("splits", Splits(images, images))
    speeds = others.pop("speeds", {})
    with without_warnings():  # as a fit does
        fitted = {name: rule.fit(logits, images.labels) for name, rule in rules.items()}
    given = {
        "members": members,
        "keys": [member.name for member in members],
        "failures": {},
        "rules": fitted,
        "method": "soft",
        "uncertainty": "entropy",
        "held_out": held_out_predictions_of(images, logits, 0),
        "targets": Targets(images.classes),
        "image_size": images.image_size,
        "provenance": provenance_of(splits, 0),
        "distribution": None,
        "gains": {},
        "leaderboard": Leaderboard([], ""),
        "store": SimpleNamespace(
            logits=lambda key, shown, member: member.logits(shown), find_speed=speeds.get, root=Path(os.devnull)
        ),
        "seed": 0,
    }
    return EnsembleState(**given | others)


@pytest.fixture(name="make_state")
def make_state_fixture():
    return make_state
