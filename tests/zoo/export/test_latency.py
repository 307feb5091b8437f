"""zoo/export/latency.py: reading a time, and timing a graph."""

import subprocess
import sys

import numpy as np
import pytest

from zoo.export.format import Format
from zoo.export.formats import format_of
from zoo.export.latency import TIME, cost_of, latency_of

SLEEPS = """
import sys, time
def opened(path):
    def predict(images):
        assert images.shape == (1, 2, 2, 3), images.shape
        time.sleep(0.002)
    return predict
"""


def test_a_time_is_read_with_its_unit():
    assert [latency_of(given) for given in ("20ms", "20 ms", "0.5s", 0.02, 1)] == [0.02, 0.02, 0.5, 0.02, 1]
    assert type(latency_of(np.float32(0.5))) is float  # for JSON


@pytest.mark.parametrize("given", ["20", "fast", "", "0ms", "-1ms", 0, -0.5, float("inf"), float("nan"), "1m"])
def test_other_texts_are_refused(given, refused):
    with refused("max_latency", "--max-latency", repr(given), "20ms"):
        latency_of(given)


def test_the_script_takes_medians_of_blocks_of_single_images(tmp_path):
    np.save(tmp_path / "images.npy", np.zeros((3, 2, 2, 3), np.uint8))
    line = f'["model", "{tmp_path}/images.npy", "{tmp_path}/seconds.npz"]'
    subprocess.run([sys.executable, "-c", SLEEPS + TIME], input=line, text=True, check=True)
    medians = np.load(tmp_path / "seconds.npz")["medians"]
    assert len(medians) >= 5
    assert (medians >= 0.002).all()


def test_only_one_prediction_is_timed():
    """A SavedModel's other signatures are looked at when it is written, and not while it is timed."""
    assert "serving_bytes" not in format_of("saved_model").open
    assert "serving_bytes" in format_of("saved_model").read


@pytest.mark.fits
def test_a_graph_costs_the_least_median_and_its_bytes(ensemble, monkeypatch):
    from contextlib import nullcontext

    monkeypatch.setattr(
        "zoo.export.latency.fresh_process",
        lambda script: nullcontext(lambda path, images: {"medians": np.array([0.4, 0.1, 0.2])}),
    )

    def write(graph, folder, storage, calibration):
        (folder / "in").mkdir(parents=True)
        (folder / "in" / "one").write_bytes(b"12345")
        (folder / "two").write_bytes(b"12")

    cost = cost_of(ensemble.state_, Format("any", "two", ("float32",), write, ""), "float32", None)
    assert (cost.seconds, cost.bytes, cost.spread) == (0.1, 7, pytest.approx(2))
