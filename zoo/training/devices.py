"""What the machine can do: accelerators, threads, precision."""

from __future__ import annotations

import os

import keras

WORKERS = 8


def has_accelerator() -> bool:
    """Check whether networks run on a GPU or a TPU."""
    return _has("gpu") or _has("tpu")


def compiles() -> bool:
    """Whether XLA pays: it does on accelerators; on a CPU, TensorFlow was measured 3.5 to 18 times slower with it."""
    return keras.backend.backend() == "jax" or (keras.backend.backend() == "tensorflow" and has_accelerator())


def workers() -> int:
    """Threads that make batches: one on a CPU, which training needs; more for a GPU, which waits for batches."""
    return min(os.cpu_count() or 1, WORKERS) if has_accelerator() else 1


def precision(wanted: str) -> str:
    """Choose the dtype policy for ``auto``: bfloat16 on TPUs and on GPUs from Ampere on, float16 on older tensor cores.

    Args:
        wanted: a policy's name, which is returned as it is, or ``auto``.
    """
    if wanted != "auto":
        return wanted
    if _has("tpu"):
        return "mixed_bfloat16"
    capability = _compute_capability()
    if capability >= (8, 0):
        return "mixed_bfloat16"
    return "mixed_float16" if capability >= (7, 0) else "float32"


def _has(kind: str) -> bool:
    """Look through all devices: JAX raises an error when one absent kind is requested."""
    return any(device.startswith(kind) for device in keras.distribution.list_devices())


def _compute_capability() -> tuple[int, int]:
    """NVIDIA's compute capability of the first GPU; (0, 0) without a GPU, or where it is not reported."""
    if keras.backend.backend() == "jax":
        import jax

        text = str(getattr(jax.devices()[0], "compute_capability", "0.0"))
        major, _, minor = text.partition(".")
        return int(major), int(minor or 0)
    return _tensorflow_capability() if keras.backend.backend() == "tensorflow" else (0, 0)


def _tensorflow_capability() -> tuple[int, int]:
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    details = tf.config.experimental.get_device_details(devices[0]) if devices else {}
    major, minor = details.get("compute_capability", (0, 0))
    return int(major), int(minor)
