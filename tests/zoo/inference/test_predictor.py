"""zoo/inference/predictor.py: sent as Dask and Ray send it, called as they call it."""

import pickle

import numpy as np
import pytest

from zoo import Predictor
from zoo.data.pictures.pixel_reading import PixelReading
from zoo.inference import predictor as module


@pytest.fixture
def predictor(exported):
    return pickle.loads(pickle.dumps(Predictor(exported)))


def test_it_is_small_and_opens_nothing_before_it_is_asked(exported, monkeypatch):
    monkeypatch.setattr(module, "open_graph", lambda *_, **__: pytest.fail("opened"))
    assert len(pickle.dumps(Predictor(exported, method="soft"))) < 1000


def test_a_batch_of_columns_keeps_the_others(predictor, ensemble, blobs):
    expected = ensemble.predict_proba(blobs.pixels)
    for name in ("images", "image"):
        answers = predictor({"path": np.arange(96), name: blobs.pixels})
        assert list(answers)[:3] == ["path", "class", "class_id"]
        assert name not in answers
        np.testing.assert_allclose(answers["probability_blue"], expected[:, 2], atol=1e-5)
        np.testing.assert_array_equal(answers["class_id"], expected.argmax(axis=1))
        assert {len(column) for column in answers.values()} == {96}


def test_a_list_is_a_batch_too_also_of_several_sizes(predictor, blobs):
    alike = predictor(list(blobs.pixels[:3]))
    np.testing.assert_array_equal(alike["class_id"], predictor(blobs.pixels[:3])["class_id"])
    mixed = [blobs.pixels[0], blobs.pixels[1].repeat(2, axis=1)]
    np.testing.assert_array_equal(predictor({"image": mixed})["class_id"], alike["class_id"][:2])


def test_an_array_is_a_batch_too(predictor, ensemble, blobs):
    assert predictor.classes == ("red", "green", "blue")
    assert list(predictor(blobs.pixels[:2])) == ["class", "class_id", *(f"probability_{n}" for n in predictor.classes)]
    expected = ensemble.predict_proba(blobs.pixels)
    np.testing.assert_allclose(predictor.probabilities(blobs.pixels), expected, atol=1e-5)


def test_images_of_other_sizes_are_resized(predictor, blobs):
    colours = blobs.pixels[:3, :1, :1]  # of one colour, a picture is the same at every size
    small, large = (np.broadcast_to(colours, (3, size, size, 3)).copy() for size in (16, 40))
    mixed = np.empty(2, object)
    mixed[:] = [large[0], blobs.pixels[1]]
    expected = predictor.probabilities(small)
    np.testing.assert_allclose(predictor.probabilities(large), expected, atol=1e-6)
    np.testing.assert_allclose(
        predictor.probabilities(mixed), [expected[0], predictor.probabilities(blobs.pixels)[1]], atol=1e-6
    )


def test_no_images_have_no_answers(predictor):
    answers = predictor({"image": np.empty((0, 16, 16, 3), np.uint8)})
    assert {len(column) for column in answers.values()} == {0}
    assert predictor.probabilities(np.empty((0, 0, 0, 0))).shape == (0, 3)


def test_a_process_opens_a_graph_once(exported, blobs, monkeypatch):
    opened = []
    graph = module.open_graph(exported)
    monkeypatch.setattr(module, "open_graph", lambda *given, **_: opened.append(given) or graph)
    module._opened.clear()
    for _ in range(3):
        pickle.loads(pickle.dumps(Predictor(exported)))(blobs.pixels[:1])
    module._opened.clear()
    assert len(opened) == 1


def test_images_are_checked(predictor):
    with pytest.raises(ValueError, match=r"'images'.*path"):
        predictor({"path": np.arange(2)})
    with pytest.raises(ValueError, match="channels last"):
        predictor(np.zeros((2, 3, 16, 16), np.uint8))
    with pytest.raises(ValueError, match="nearly black"):
        predictor(np.ones((2, 16, 16, 3), np.uint8))


def test_grey_images_and_those_with_alpha_are_read_as_files_are(predictor):
    grey = np.full((2, 16, 16), 90, np.uint8)
    as_rgb = np.repeat(grey[..., None], 3, axis=-1)
    clear = np.concatenate([as_rgb, np.zeros((2, 16, 16, 1), np.uint8)], axis=-1)
    np.testing.assert_array_equal(predictor.probabilities(grey), predictor.probabilities(as_rgb))
    np.testing.assert_array_equal(predictor.probabilities(clear), predictor.probabilities(np.full_like(as_rgb, 255)))


def test_a_column_that_is_called_like_an_answer_is_refused(run):
    with pytest.raises(ValueError, match=r"columns.*class"):
        Predictor(run)({"images": np.full((1, 16, 16, 3), 200, np.uint8), "class": np.array(["red"])})


def test_images_of_several_sizes_are_checked_for_their_depth_together(caplog):
    reading = PixelReading(depth_range=(0, 65535))
    sizes, values = (12, 14, 16), np.random.default_rng(0).integers(0, 65536, (16, 16, 3)).astype(np.uint16)
    mixed = np.empty(3, object)
    mixed[:] = [values[:side] // 257 for side in sizes]
    with pytest.raises(ValueError, match="nearly black"):
        module._check(mixed, reading)
    mixed[0] = values[:12]
    module._check(mixed, reading)
    assert len(caplog.records) == 1
