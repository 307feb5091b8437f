"""The exported graph against the live ensemble, in processes that know nothing of this library."""

import json
import shutil
import subprocess
import sys
from contextlib import nullcontext

import keras
import numpy as np
import pytest

import ensembles
from zoo import Ensemble, with_views
from zoo.export import ExportError
from zoo.export.graph import EnsembleGraph
from zoo.export.verify import check_close, clean_environment, sample_images

READ = """
import sys, numpy as np, tensorflow as tf
serve = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
answer = serve(images=tf.constant(np.load(sys.argv[2])))
np.savez(sys.argv[3], **{name: value.numpy() for name, value in answer.items()})
"""


@pytest.mark.parametrize("method", ensembles.RULES)
def test_the_joined_graph_answers_like_each_rule(ensemble, blobs, method):
    joined = EnsembleGraph(ensemble.state_, method)(blobs.pixels)
    live = ensemble.rule(method).combine(np.stack([member.logits(blobs) for member in ensemble.members_]))
    np.testing.assert_allclose(joined["logits"], live, atol=1e-4)


@pytest.fixture(scope="module")
def stacked(ensemble, tmp_path_factory):
    """An export that was checked in a fresh process, as users' are."""
    return ensemble.export(tmp_path_factory.mktemp("stacked") / "model", method="stacked")


@pytest.mark.parametrize("reading", ["here", pytest.param("elsewhere", marks=pytest.mark.slow)])
def test_any_process_with_tensorflow_gets_the_ensembles_answers(ensemble, stacked, blobs, tmp_path, reading):
    answer = (read if reading == "elsewhere" else read_here)(stacked, blobs.pixels, tmp_path)
    assert set(answer) == {"logits", "probabilities"}
    live = ensemble.rule("stacked").combine(np.stack([member.logits(blobs) for member in ensemble.members_]))
    np.testing.assert_allclose(answer["logits"], live, atol=1e-4)
    np.testing.assert_array_equal(answer["probabilities"].argmax(axis=1), live.argmax(axis=1))
    assert answer["logits"].dtype == np.float32


def test_each_weight_is_stored_once(ensemble, exported):
    stored = sum(file.stat().st_size for file in (exported / "variables").iterdir())
    weights = 4 * sum(member.parameters for member in ensemble.members_)
    index = (exported / "variables" / "variables.index").stat().st_size
    assert stored - index <= 1.02 * weights


def test_the_batch_size_is_free_and_the_input_is_named_uint8(exported, blobs):
    import tensorflow as tf

    serve = tf.saved_model.load(str(exported)).signatures["serving_default"]
    spec = serve.structured_input_signature[1]["images"]
    assert (spec.dtype, spec.shape.as_list()) == (tf.uint8, [None, 16, 16, 3])
    for count in (1, 5):
        assert serve(images=tf.constant(blobs.pixels[:count]))["logits"].shape == (count, 3)


def test_the_graph_holds_stock_layers_only(ensemble):
    graph = EnsembleGraph(ensemble.state_, "weighted")
    networks = [*filter(None, graph._members), graph._combine]
    kinds = {type(operation).__module__.split(".")[0] for network in networks for operation in network.operations}
    assert kinds == {"keras"}


def test_the_manifest_tells_what_the_graph_is(exported):
    manifest = json.loads((exported / "manifest.json").read_text())
    assert manifest["classes"] == ["red", "green", "blue"]
    assert manifest["images"]["shape"] == [None, 16, 16, 3]
    assert manifest["method"] == "auto"


def test_an_export_that_answers_differently_is_not_kept(ensemble, exported, tmp_path, monkeypatch):
    old = shutil.copytree(exported, tmp_path / "model")
    before = (old / "saved_model.pb").read_bytes()
    none = {"logits": ensemble.rule("stacked").combine(ensemble.member_logits(sample_images((16, 16))))}
    none["probabilities"] = np.zeros_like(none["logits"])
    monkeypatch.setattr("zoo.export.writing.fresh_process", lambda _: nullcontext(lambda *_: none))
    with pytest.raises(ExportError, match=r"probabilities.*0\.0001"):
        ensemble.export(tmp_path / "model", method="stacked")
    assert (old / "saved_model.pb").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_numbers_that_are_none_count_as_different():
    with pytest.raises(ExportError):
        check_close(np.zeros((1, 2)), np.full((1, 2), np.nan), "it", 1e-4)


def test_a_difference_is_a_share_of_the_largest_number_above_one():
    live = np.array([[20.0, 0.1]])
    assert check_close(live, live + 0.1, "logits", 0.01) == pytest.approx(0.005)
    assert check_close(live / 100, live / 100 + 0.005, "probabilities", 0.01) == pytest.approx(0.005)


def test_another_backend_is_refused_with_what_to_do(ensemble, tmp_path, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match="KERAS_BACKEND=tensorflow"):
        ensemble.export(tmp_path / "model")


def test_weights_taken_for_frozen_are_refused_with_what_to_do(ensemble, tmp_path, monkeypatch):
    monkeypatch.setenv("TF_ONEDNN_ASSUME_FROZEN_WEIGHTS", "1")
    with pytest.raises(RuntimeError, match="TF_ONEDNN_ASSUME_FROZEN_WEIGHTS"):
        ensemble.export(tmp_path / "model")


def read_here(path, images, _):
    import tensorflow as tf

    answers = tf.saved_model.load(str(path)).signatures["serving_default"](images=tf.constant(images))
    return {name: answer.numpy() for name, answer in answers.items()}


def read(path, images, folder):
    np.save(folder / "images.npy", images)
    command = [sys.executable, "-c", READ, str(path), str(folder / "images.npy"), str(folder / "answer.npz")]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, env=clean_environment())
    with np.load(folder / "answer.npz") as answer:
        return dict(answer)


def test_the_same_ensemble_gives_the_same_bytes(ensemble, exported, tmp_path, checked_here):
    again = ensemble.export(tmp_path / "again")
    files = [path.relative_to(exported) for path in exported.rglob("*") if path.is_file()]
    assert {str(file): (exported / file).read_bytes() for file in files} == {
        str(file): (again / file).read_bytes() for file in files
    }


def test_a_member_without_weight_is_neither_computed_nor_stored(ensemble):
    best = EnsembleGraph(ensemble.state_, "best")
    assert len([network for network in best._members if network]) == 1
    assert best.parameters < EnsembleGraph(ensemble.state_, "soft").parameters


def test_the_members_own_answers_are_those_to_compare_with(ensemble, blobs):
    some = blobs.pixels[:20]
    graph = EnsembleGraph(ensemble.state_, "best", samples=some)
    np.testing.assert_allclose(graph.live_logits, ensemble.member_logits(some), atol=1e-5)


def test_members_on_disk_are_not_kept_in_memory(ensemble, exported, tmp_path, checked_here):
    loaded = Ensemble.load(ensemble.save(tmp_path / "run"))
    written = loaded.export(tmp_path / "model")
    assert [member._model for member in loaded.members_] == [None] * 2
    assert (written / "saved_model.pb").read_bytes() == (exported / "saved_model.pb").read_bytes()


def test_an_export_that_lacks_an_answer_is_not_kept(ensemble, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "zoo.export.writing.fresh_process", lambda _: nullcontext(lambda *_: {"logits": np.zeros((8, 3))})
    )
    with pytest.raises(ExportError, match=r"logits, probabilities.*logits"):
        ensemble.export(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_views_at_test_time_answer_the_same_from_the_same_weights(ensemble, splits, blobs, one_rule):
    first = ensemble.members_[0]
    alone = Ensemble([first], store=ensemble.store).fit(splits)
    viewed = Ensemble([with_views(first, "d4")], store=ensemble.store).fit(splits)
    graph = EnsembleGraph(viewed.state_, "soft")
    np.testing.assert_allclose(graph(blobs.pixels)["logits"], viewed.logits(blobs), atol=1e-4)
    assert graph.parameters == EnsembleGraph(alone.state_, "soft").parameters


def test_the_most_pixels_inside_are_those_of_the_enlarged_image(ensemble):
    assert EnsembleGraph(ensemble.state_, "soft").pixels == 24 * 24


def test_held_out_images_without_int8_are_refused(ensemble, blobs, tmp_path):
    with pytest.raises(ValueError, match=r"held_out.*float32"):
        ensemble.export(tmp_path / "model", held_out=blobs)
