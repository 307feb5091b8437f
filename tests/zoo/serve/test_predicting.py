"""zoo/serve/predicting.py: the answers are those of ``zoo predict`` and of ``Ensemble.answer``; mistakes are named."""

import csv
import threading

import numpy as np
import pytest
from PIL import Image

import zoo

OCTETS = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder of pictures of many kinds, in one size and others."""
    folder, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(3)
    noise = random.integers(0, 256, (40, 30, 4), np.uint8)
    Image.fromarray(noise[..., :3]).save(folder / "a.jpg")
    Image.fromarray(noise[:16, :16, :3]).save(folder / "b.png")
    Image.fromarray(noise).save(folder / "clear.png")
    Image.fromarray(noise[..., 0]).save(folder / "grey.webp")
    Image.fromarray(noise[..., :3]).save(folder / "page.tif")
    Image.fromarray(noise[..., :3]).quantize(16).save(folder / "palette.gif")
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(noise[..., :3]).save(folder / "turned.jpg", exif=turned)
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def told(export, pictures, tmp_path_factory):
    """What ``zoo predict`` writes of them, by name."""
    out = tmp_path_factory.mktemp("table") / "answers.csv"
    zoo.predict(export, pictures[0].parent, out, batch_size=4, threads=1)
    with out.open(newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def check(answer, row):
    assert answer["class"] == row["class"]
    assert answer["class_id"] == int(row["class_id"])
    for name, probability in answer["probabilities"].items():
        assert probability == pytest.approx(float(row[f"probability_{name}"]), abs=2e-6)
    assert answer["probability"] == max(answer["probabilities"].values())
    assert answer["uncertainty"] == pytest.approx(float(row["uncertainty"]), abs=1e-5)


def test_files_are_answered_as_zoo_predict_does(client_of, opened, pictures, told):
    with client_of(opened) as client:
        for path in pictures:
            content = client.post("/predict", content=path.read_bytes()).json()
            check(content["predictions"][0], told[path.name])
            assert content["model"] == opened.graph.identity
        form = [("files", (path.name, path.read_bytes())) for path in pictures]
        answers = client.post("/predict", files=form).json()["predictions"]
        assert [answer["name"] for answer in answers] == [path.name for path in pictures]
        for answer in answers:
            check(answer, told[answer["name"]])


def test_raw_pixels_are_answered_as_a_predictor_does(client_of, opened, export, blobs):
    from zoo import Predictor

    large = np.random.default_rng(0).integers(0, 256, (3, 20, 24, 3), np.uint8)
    with client_of(opened) as client:
        for images in (blobs.pixels[:5], large, large[..., :1]):
            shape = ",".join(map(str, images.shape))
            sent = client.post(f"/predict?shape={shape}", content=images.tobytes(), headers=OCTETS)
            expected = Predictor(export).probabilities(images)
            found = [list(one["probabilities"].values()) for one in sent.json()["predictions"]]
            np.testing.assert_allclose(found, expected, atol=2e-6)


def test_what_is_accepted_and_in_the_set_is_as_the_ensemble_says(client_of, opened, trained, blobs):
    expected = trained.answer(blobs.pixels, abstain=0.05, coverage=0.95)
    shape = ",".join(map(str, blobs.pixels.shape))
    with client_of(opened) as client:
        answers = client.post(f"/predict?shape={shape}", content=blobs.pixels.tobytes()).json()["predictions"]
    assert [one["accepted"] for one in answers] == expected.accepted.tolist()
    sets = [[blobs.classes[index] for index in np.flatnonzero(inside)] for inside in expected.sets]
    assert [one["set"] for one in answers] == sets


def test_a_bad_picture_fails_alone(client, colour):
    good, cut = colour(200, 10, 10), colour(10, 200, 10)[:60]
    form = [("files", (name, data)) for name, data in (("a.png", good), ("b.png", cut), ("c.txt", b"no picture"))]
    sent = client.post("/predict", files=form)
    first, second, third = sent.json()["predictions"]
    assert (sent.status_code, first["class"], first["accepted"], first["set"]) == (200, "red", True, ["red"])
    assert second.keys() == {"name", "error"}
    assert "cannot" in second["error"]
    assert "JPEG" in third["error"]
    alone = client.post("/predict", content=cut)
    assert (alone.status_code, alone.json()["error"]) == (422, alone.json()["predictions"][0]["error"])


def test_bad_pictures_of_other_requests_change_no_answer(client, colour):
    sent = {
        "red": colour(250, 1, 1),
        "green": colour(1, 250, 1),
        "blue": colour(1, 1, 250),
        "": b"\xff\xd8\xff\xe0 cut",
    }
    found = []

    def send(name):
        for _ in range(10):
            answer = client.post("/predict", content=sent[name]).json()["predictions"][0]
            found.append((name, answer.get("class", "")))

    threads = [threading.Thread(target=send, args=(name,)) for name in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40
    assert all(name == answered for name, answered in found)


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/predict", b"", 400, "nothing"),
        ("/predict?shape=1,16,16", b"0" * 768, 422, "channels last"),
        ("/predict?shape=1,16,16,3", b"0" * 700, 422, "768 bytes"),
        ("/predict?shape=a", b"0", 400, "shape=N,H,W,C"),
        (f"/predict?shape={'9' * 3000},{'9' * 3000},1,1", b"0", 400, "shape=N,H,W,C"),
        ("/predict?shape=-1,16,16,3", b"0", 422, "-1,16,16,3"),
        ("/predict?shape=2,16,16,3", bytes([1]) * 1536, 422, "nearly black"),
        ("/predict?shape=300,1,1,3", b"9" * 900, 413, "--queue"),
        ("/predict?shape=1,9000,9000,1", b"9" * 81_000_000, 413, "--max-megabytes"),
    ],
)
def test_requests_that_cannot_be_answered_are_named(client, path, body, status, words):
    sent = client.post(path, content=body)
    assert sent.status_code == status, sent.text
    assert words.lower() in sent.json()["error"].lower().replace("put channels last", "channels last")


def test_a_form_of_too_many_or_too_few_bytes_is_refused(client_of, model, colour):
    files = [("files", (f"{row}.png", colour(9, 9, 200))) for row in range(3)]
    with client_of(model, queue=2) as client:
        sent = client.post("/predict", files=files)
        assert (sent.status_code, "--queue" in sent.json()["error"]) == (413, True)
        assert client.post("/predict", files=files[:2]).status_code == 200
        whole = client.build_request("POST", "/predict", files=files[:2])
        body = whole.read()
        kind = {"Content-Type": whole.headers["Content-Type"]}
        cut = client.post("/predict", content=body[: len(body) - 20], headers=kind)
    assert (cut.status_code, "cut" in cut.json()["error"]) == (400, True)


def test_a_form_without_files_is_refused(client):
    for headers, body in (
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"no boundary"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--\r\n"),
        ({"Content-Type": "multipart/form-data"}, b"--x--"),
    ):
        sent = client.post("/predict", content=body, headers=headers)
        assert (sent.status_code, "form" in sent.json()["error"]) == (400, True)
        assert ".." not in sent.json()["error"]


def test_an_engine_that_fails_is_told_without_its_insides(client_of, of_answer, colour, caplog):
    def broken(images):
        if images.any():
            raise RuntimeError("a path of this machine")
        return {}

    with client_of(of_answer(broken)) as client:
        sent = client.post("/predict", content=colour(9, 9, 200))
        assert sent.status_code == 500
        assert "path" not in sent.text
        assert "a path of this machine" in caplog.text
        assert client.get("/healthz").status_code == 200
