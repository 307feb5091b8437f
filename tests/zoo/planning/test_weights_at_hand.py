"""zoo/planning/weights_at_hand.py: which backbones have weights, in what the user named."""

import pytest

from zoo.models.pretrained import WeightsNotFoundError
from zoo.planning.weights_at_hand import WeightsAtHand


@pytest.fixture(autouse=True)
def no_folder_of_the_user(monkeypatch):
    monkeypatch.delenv("ZOO_WEIGHTS", raising=False)


def test_backbones_with_a_file_in_the_folder_are_found(tmp_path):
    (tmp_path / "mobilenet_v2.weights.h5").touch()
    assert WeightsAtHand("auto", tmp_path).first(["mobilenet_v2", "simple_cnn"], 2) == ["mobilenet_v2"]


def test_what_the_user_named_has_to_be_there(tmp_path, monkeypatch):
    """Else a preset would train from scratch."""
    with pytest.raises(WeightsNotFoundError, match=r"nowhere.*--weights-dir"):
        WeightsAtHand("auto", tmp_path / "nowhere")
    with pytest.raises(WeightsNotFoundError, match=r"none at .*mine\.h5"):
        WeightsAtHand(tmp_path / "mine.h5")
    monkeypatch.setenv("ZOO_WEIGHTS", str(tmp_path / "nowhere"))
    with pytest.raises(WeightsNotFoundError, match="nowhere"):
        WeightsAtHand()
    assert WeightsAtHand(None).first(["mobilenet_v2"], 1) == []
