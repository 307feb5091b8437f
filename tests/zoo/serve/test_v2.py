"""zoo/serve/v2_*.py: the protocol of KServe and Triton, in JSON and with binary tensors as tritonclient sends them."""

import base64
import json
import math
import struct
import threading
import time

import numpy as np
import pytest

INFER = "/v2/models/ensemble/infer"
HEADER = "Inference-Header-Content-Length"


def images_of(*colours, height=16, width=16):
    return np.stack([np.broadcast_to(np.array(one, np.uint8), (height, width, 3)) for one in colours])


def asked(images, **more):
    tensor = {"name": "images", "datatype": "UINT8", "shape": list(images.shape), "data": images.ravel().tolist()}
    return {"inputs": [tensor], **more}


def outputs(content):
    return {one["name"]: one for one in content["outputs"]}


def in_binary(told, binary):
    text = json.dumps(told).encode()
    headers = {HEADER: str(len(text)), "Content-Type": "application/octet-stream"}
    return {"content": text + binary, "headers": headers}


def test_the_server_and_the_model_are_described(client):
    assert client.get("/v2").json()["extensions"] == ["binary_tensor_data"]
    assert client.get("/v2/health/live").status_code == client.get("/v2/health/ready").status_code == 200
    told = client.get("/v2/models/ensemble").json()
    assert told == client.get("/v2/models/ensemble/versions/1").json()
    assert told["inputs"] == [{"name": "images", "datatype": "UINT8", "shape": [-1, 16, 16, 3]}]
    types = {one["name"]: (one["datatype"], one["shape"]) for one in told["outputs"]}
    assert types["probabilities"] == ("FP32", [-1, 3])
    assert (types["class"], types["accepted"], types["set"]) == (("BYTES", [-1]), ("BOOL", [-1]), ("BOOL", [-1, 3]))
    assert client.get("/v2/models/ensemble/ready").json() == {"name": "ensemble", "ready": True}
    found = outputs(client.post(INFER, json=asked(images_of((1, 2, 99)))).json())
    assert {name: one["datatype"] for name, one in found.items()} == {name: own[0] for name, own in types.items()}


def test_another_model_is_not_there(client):
    for path in ("/v2/models/other", "/v2/models/ensemble/versions/2", "/v2/models/other/ready"):
        sent = client.get(path)
        assert (sent.status_code, "'ensemble'" in sent.json()["error"]) == (404, True)
    assert client.post("/v2/models/other/infer", json={}).status_code == 404


def test_pixels_in_json(client_of, opened, export, blobs):
    from zoo import Predictor

    images = blobs.pixels[:4]
    with client_of(opened) as client:
        content = client.post(INFER, json=asked(images, id="mine")).json()
    found = outputs(content)
    assert (content["model_name"], content["id"], content["parameters"]["hash"]) == (
        "ensemble",
        "mine",
        opened.graph.identity,
    )
    expected = Predictor(export).probabilities(images)
    np.testing.assert_allclose(found["probabilities"]["data"], expected.ravel(), atol=2e-6)
    assert found["probabilities"]["shape"] == [4, 3]
    assert found["class"]["data"] == [blobs.classes[index] for index in expected.argmax(axis=1)]


def test_pixels_and_answers_in_binary(client):
    images = images_of((200, 1, 1), (1, 1, 200), height=20, width=30)  # resized to the model's size
    told = asked(images, outputs=[{"name": name, "parameters": {"binary_data": True}} for name in ("class", "logits")])
    told["outputs"].append({"name": "class_id"})
    del told["inputs"][0]["data"]
    told["inputs"][0]["parameters"] = {"binary_data_size": images.size}
    sent = client.post(INFER, **in_binary(told, images.tobytes()))
    length = int(sent.headers[HEADER])
    found, binary = outputs(json.loads(sent.content[:length])), sent.content[length:]
    assert list(found) == ["class", "logits", "class_id"]
    assert found["class_id"]["data"] == [0, 2]
    text = b"".join(struct.pack("<I", len(name)) + name for name in (b"red", b"blue"))
    assert found["class"]["parameters"]["binary_data_size"] == len(text)
    logits = np.frombuffer(binary[len(text) :], "<f4").reshape(2, 3)
    assert binary[: len(text)] == text
    assert logits.argmax(axis=1).tolist() == [0, 2]


@pytest.mark.parametrize("binary", [False, True])
def test_files_of_pictures(client, colour, binary):
    files = [colour(200, 1, 1, side=40, kind="JPEG"), colour(1, 200, 1)]
    tensor = {"name": "images", "datatype": "BYTES", "shape": [2]}
    if binary:
        content = b"".join(struct.pack("<I", len(file)) + file for file in files)
        tensor["parameters"] = {"binary_data_size": len(content)}
        sent = client.post(INFER, **in_binary({"inputs": [tensor]}, content))
    else:
        tensor["data"] = [base64.b64encode(file).decode() for file in files]
        sent = client.post(INFER, json={"inputs": [tensor]})
    assert outputs(sent.json())["class"]["data"] == ["red", "green"]


def test_all_outputs_in_binary(client):
    sent = client.post(INFER, json=asked(images_of((1, 2, 200)), parameters={"binary_data_output": True}))
    told = json.loads(sent.content[: int(sent.headers[HEADER])])
    sizes = [one["parameters"]["binary_data_size"] for one in told["outputs"]]
    assert sum(sizes) == len(sent.content) - int(sent.headers[HEADER])


PIXEL = {"name": "images", "datatype": "UINT8", "shape": [1, 1, 1, 3], "data": [9, 9, 200]}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ([], "object"),
        ({}, "inputs"),
        ({"inputs": []}, "images"),
        ({"inputs": [PIXEL | {"name": "x"}]}, "images"),
        ({"inputs": [PIXEL | {"datatype": "FP32"}]}, "UINT8"),
        ({"inputs": [PIXEL | {"data": [9, 9, 300]}]}, "0 to 255"),
        ({"inputs": [PIXEL | {"data": ["a", "b", "c"]}]}, "0 to 255"),
        ({"inputs": [PIXEL | {"data": [9, 9, 1.5]}]}, "0 to 255"),
        ({"inputs": [PIXEL | {"data": [[9, 9], 9]}]}, "numbers"),
        ({"inputs": [PIXEL | {"data": []}]}, "0 to 255"),
        ({"inputs": [3]}, "tensors"),
        ({"inputs": [PIXEL | {"shape": "1"}]}, "shape"),
        ({"inputs": [PIXEL | {"shape": [1, 1, 3, -1]}]}, "shape"),
        ({"inputs": [PIXEL | {"parameters": {"binary_data_size": 9}}]}, "binary_data_size"),
        ({"inputs": [PIXEL | {"parameters": 3}]}, "parameters"),
        ({"inputs": [PIXEL], "outputs": [{"name": "mood"}]}, "mood"),
        ({"inputs": [PIXEL], "outputs": "logits"}, "outputs"),
        ({"inputs": [PIXEL], "outputs": [{"name": "class", "parameters": {"classification": 2}}]}, "classification"),
        ({"inputs": [PIXEL | {"datatype": "BYTES", "shape": [1], "data": ["?"]}]}, "base64"),
        ({"inputs": [PIXEL | {"datatype": "BYTES", "shape": [2], "data": ["aaaa"]}]}, "2 elements"),
        ({"inputs": [PIXEL | {"datatype": "BYTES", "shape": [1], "data": 5}]}, "list"),
        ({"inputs": [PIXEL | {"datatype": "BYTES", "shape": [1], "data": True}]}, "list"),
        ({"inputs": [PIXEL | {"datatype": "BYTES", "shape": [1], "data": [5]}]}, "base64"),
        ({"inputs": [PIXEL | {"datatype": "BYTES", "shape": [2**40] * 999, "data": ["aaaa"]}]}, "axes"),
        ({"inputs": [PIXEL | {"shape": [10**4000] * 4}]}, "shape"),
        ({"inputs": [PIXEL], "id": math.nan}, "id"),
        ({"inputs": [PIXEL], "id": 7}, "id"),
        ({"inputs": [PIXEL], "id": "\ud800"}, "id"),
    ],
)
def test_requests_of_another_form_are_named(client, told, words):
    sent = client.post(INFER, content=json.dumps(told))
    assert (sent.status_code, words in sent.json()["error"]) == (400, True), sent.text


def test_sizes_that_do_not_fit_are_named(client):
    images = images_of((1, 2, 200))
    for length, size, binary in (
        ("x", 768, b""),
        ("9" * 5000, 768, b""),
        (None, 768, b"1"),
        (None, 700, bytes(768)),
        (None, None, b"12"),
    ):
        told = asked(images)
        told["inputs"][0]["parameters"] = {} if size is None else {"binary_data_size": size}
        sending = in_binary(told, binary)
        sending["headers"] |= {} if length is None else {HEADER: length}
        sent = client.post(INFER, **sending)
        assert (sent.status_code, "xpected" in sent.json()["error"]) == (400, True), sent.text
    assert client.post(INFER, content=b"{").status_code == 400
    assert client.post(INFER, content=b"[" * 100_000).status_code == 400
    wrong = client.post(INFER, json=asked(images) | {"inputs": [PIXEL | {"shape": [1, 2, 2, 3]}]})
    assert (wrong.status_code, "12 bytes" in wrong.json()["error"]) == (422, True)


def test_a_broken_picture_is_named(client, colour):
    files = [base64.b64encode(file).decode() for file in (colour(200, 1, 1), b"no picture")]
    sent = client.post(INFER, json={"inputs": [{"name": "images", "datatype": "BYTES", "shape": [2], "data": files}]})
    assert (sent.status_code, "images[1] (1 of 2" in sent.json()["error"]) == (422, True)


def test_no_images_have_no_answers(client):
    sent = client.post(INFER, json={"inputs": [PIXEL | {"datatype": "BYTES", "shape": [0], "data": []}]})
    assert (sent.status_code, "none" in sent.json()["error"]) == (400, True)


def bytes_of(*files):
    data = [base64.b64encode(file).decode() for file in files]
    return {"name": "images", "datatype": "BYTES", "shape": [len(files)], "data": data}


def test_a_refusal_has_the_status_that_it_has_elsewhere(client_of, model, encode):
    large = encode(np.zeros((1000, 1200), np.uint8))
    with client_of(model, max_megapixels=1) as client:
        sent = client.post(INFER, json={"inputs": [bytes_of(large)]})
        assert (sent.status_code, "images[0]" in sent.json()["error"]) == (413, True)
        assert client.post("/predict", content=large).status_code == 413


def test_an_unknown_output_is_refused_before_anything_is_predicted(client_of, of_answer):
    def answer(images):
        pytest.fail("predicted")

    with client_of(of_answer(answer)) as client:
        sent = client.post(INFER, content=json.dumps({"inputs": [PIXEL], "outputs": [{"name": "mood\ud800"}]}))
        assert (sent.status_code, "mood" in sent.json()["error"]) == (400, True)


def counts(client):
    lines = [line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if not line.startswith("#")]
    wanted = ("zoo_pictures_total", "zoo_answers_total", "zoo_not_accepted_total")
    return {name: float(value) for name, value in lines if name.startswith(wanted)}


def test_pictures_are_counted_as_elsewhere(client_of, model, colour):
    found, bad = [], b"no picture"
    for of_v2 in (False, True):
        with client_of(model) as client:
            for file in (colour(250, 1, 1), colour(90, 90, 91), bad):
                send = {"json": {"inputs": [bytes_of(file)]}} if of_v2 else {"content": file}
                client.post(INFER if of_v2 else "/predict", **send)
            found.append(counts(client))
    assert found[0] == found[1]
    assert found[0]['zoo_pictures_total{outcome="unreadable"}'] == 1
    assert found[0]['zoo_answers_total{class="red"}'] == found[0]["zoo_not_accepted_total"] == 1


def test_a_failure_of_the_model_is_counted_as_one(client_of, of_answer, colour):
    def answer(images):
        raise RuntimeError("a path of this machine")

    with client_of(of_answer(answer)) as client:
        sent = client.post(INFER, json={"inputs": [bytes_of(colour(9, 9, 200))]})
        assert (sent.status_code, "path" in sent.text) == (500, False)
        assert counts(client) == {'zoo_pictures_total{outcome="failed"}': 1, "zoo_not_accepted_total": 0}


@pytest.mark.parametrize("flat", [True, False])
def test_a_large_body_in_json_lets_others_be_answered(client_of, model, flat):
    """In one C call the reader of JSON would hold up all threads for most of the time."""
    images = np.random.default_rng(0).integers(100, 256, (2, 600, 900, 3)).astype(np.uint8)
    tensor = {"name": "images", "datatype": "UINT8", "shape": list(images.shape)}
    tensor["data"] = images.ravel().tolist() if flat else images.tolist()
    body, done, times = json.dumps({"inputs": [tensor]}).encode(), [], [time.perf_counter()]
    with client_of(model) as client:
        sender = threading.Thread(target=lambda: done.append(client.post(INFER, content=body).status_code))
        sender.start()
        while not done:
            assert client.get("/healthz").status_code == 200
            times.append(time.perf_counter())
        sender.join()
    longest = np.diff(times).max() / (times[-1] - times[0])
    assert (done, longest < 0.5) == ([200], True), longest
