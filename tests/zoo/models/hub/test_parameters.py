"""The register's counts of parameters, of KerasHub's networks at their own sizes: no test here shrinks them."""

import gc

import keras
import pytest

from zoo import names, spec


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_the_record_counts_the_parameters(keras_hub, name):
    record = spec(name)
    if record.imagenet != "hub":
        pytest.skip("counted in test_backbones.py")
    network = record.builder((record.image_size, record.image_size, 3))
    counted = network.count_params()
    del network  # up to gigabytes, which Keras would keep for all of these tests
    keras.backend.clear_session()
    gc.collect()
    assert counted == record.parameters
