"""zoo/training/devices.py."""

import keras
import pytest

from zoo.training import devices


@pytest.mark.parametrize(
    ("capability", "expected"),
    [((9, 0), "mixed_bfloat16"), ((8, 0), "mixed_bfloat16"), ((7, 5), "mixed_float16"), ((6, 1), "float32")],
)
def test_auto_takes_what_the_gpu_is_fast_at(monkeypatch, capability, expected):
    monkeypatch.setattr(devices, "_compute_capability", lambda: capability)
    assert devices.precision("auto") == expected


def test_auto_on_a_tpu_is_bfloat16(monkeypatch):
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["cpu:0", "tpu:0"])
    assert devices.precision("auto") == "mixed_bfloat16"


def test_a_named_precision_is_taken_as_it_is():
    assert devices.precision("mixed_float16") == "mixed_float16"


def test_more_threads_make_batches_where_there_is_an_accelerator(monkeypatch):
    monkeypatch.setattr(devices, "has_accelerator", lambda: False)
    assert devices.workers() == 1
    monkeypatch.setattr(devices, "has_accelerator", lambda: True)
    monkeypatch.setattr(devices.os, "cpu_count", lambda: 64)
    assert devices.workers() == devices.WORKERS
