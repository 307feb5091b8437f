import keras
import pytest

from zoo import Ensemble, build


@pytest.fixture
def channels_first():
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format(before)


def test_channels_first_is_told_in_one_line(blobs, channels_first, refused):
    with refused("channels_last", "set_image_data_format", error=RuntimeError):
        Ensemble(["simple_cnn"]).fit(blobs)
    with refused("channels_last", error=RuntimeError):
        build("simple_cnn", 3).fit(blobs)
