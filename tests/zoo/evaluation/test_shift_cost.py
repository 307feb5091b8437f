"""zoo/evaluation/shift_cost.py: the networks' speeds, times all copies."""

import re
from datetime import datetime

import pytest

from zoo.evaluation import shift_cost
from zoo.evaluation.shift_cost import shift_line
from zoo.planning.forecast import Forecast, MemberForecast
from zoo.planning.machine import Machine
from zoo.planning.speed import Speed


@pytest.fixture(autouse=True)
def _no_time_to_corrupt(monkeypatch):
    monkeypatch.setattr(shift_cost, "suite", lambda images: [("blur", 1, images)] * 50)


def forecast(*members):
    machine = Machine(cores=2, memory=None, disk=10**9, gpus=())
    return Forecast(members=members, seconds={}, memory=0, disk=0, jobs=1, machine=machine, begun=datetime.now())


def member(predict, networks=1):
    unused = dict.fromkeys(("augment", "features", "build", "compile", "cores", "memory", "parameters"), 1)
    speed = Speed(phases={}, predict=predict, feature_count=1, **unused)
    return MemberForecast(name="one", networks=networks, speed=speed)


def minutes(line):
    return float(re.search(r"([\d.]+) min", line)[1])


def test_every_network_predicts_every_copy_in_every_view(blobs):
    line = shift_line(forecast(member(0.05), member(0.01, networks=5)), blobs)
    assert line.startswith("--shift: about")
    assert line.endswith("50 copies of 96 images")
    assert minutes(line) == pytest.approx(96 * 50 * 0.1 / 60, abs=0.1)
    assert minutes(shift_line(forecast(member(0.05)), blobs, views="flips")) == pytest.approx(
        4 * 96 * 50 * 0.05 / 60, abs=0.1
    )


def test_networks_without_a_speed_make_it_the_least(blobs):
    stored = MemberForecast(name="two", networks=1, stored=1)
    assert "at least" in shift_line(forecast(member(0.05), stored), blobs)
