"""Files that somebody made on purpose: sealed anew, with code, foreign modules, links and bombs in them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from drills.mutators import Mutator, change_json, npy_header, npy_pickle, npy_value, rezip
from ensembles.seals import SEAL, sealed
from zoo.utils.hashing import hash_file

FORMATS = ("manifest_format", "format")  # names of a record's format, the first that is there


def reseal(path: Path) -> None:
    """Seal a record again after it was changed; one that was never sealed stays so."""
    record = json.loads(path.read_text())
    if not isinstance(record, dict) or SEAL not in record:
        return
    key = next((name for name in FORMATS if name in record), "format")
    content = {name: value for name, value in record.items() if name not in (key, SEAL)}
    path.write_text(json.dumps(sealed(content, record.get(key, 0), key)))


def forged_entry(path: Path, random: Random, canary: Path) -> None:
    record = json.loads(path.read_text())
    change_json(record, random)
    path.write_text(json.dumps(record))
    reseal(path)


def forged_array(path: Path, random: Random, canary: Path) -> None:
    """An array of an ensemble, with its digest in the ensemble's records."""
    random.choice((npy_pickle, npy_header, npy_value))(path, random, canary)
    root = next((parent for parent in path.parents if (parent / ".scratch").exists()), path.parent)
    for record_file in root.rglob("ensemble.json"):
        record = json.loads(record_file.read_text())
        for name in record.get("files", {}):
            if path.as_posix().endswith(name):
                record["files"][name] = hash_file(path)
        record_file.write_text(json.dumps(record))
        reseal(record_file)


def forged_keras(path: Path, random: Random, canary: Path) -> None:
    """A network whose configuration or weights are not what they seem, with its digest in the member's record."""
    change = random.choice((_config_layer, _config_layer, _config_layer, _config_entry, _weights))
    rezip(path, lambda entries: change(entries, random, canary))
    record_file = path.with_name("member.json")
    if record_file.is_file():
        record = json.loads(record_file.read_text())
        record_file.write_text(json.dumps(record | {"sha256": hash_file(path)}))
        reseal(record_file)


def _config_entry(entries: dict[str, bytes], random: Random, canary: Path) -> None:
    config = json.loads(entries["config.json"])
    change_json(config, random)
    entries["config.json"] = json.dumps(config).encode()


def _config_layer(entries: dict[str, bytes], random: Random, canary: Path) -> None:
    """Put something in the place of a layer, or of an option of one."""
    config = json.loads(entries["config.json"])
    layers = [layer for layer in _objects(config) if layer.get("class_name") not in ("Functional", "InputLayer")]
    layer = random.choice(layers)
    bad = random.choice(_bad_objects(canary))
    own = layer.get("config")
    if isinstance(own, dict) and own and random.random() < 0.5:
        own[random.choice(sorted(own))] = bad
    elif isinstance(own, dict) and random.random() < 0.3:
        own.update({name: 10**8 for name in ("units", "filters", "height", "width") if name in own})
    else:
        layer.clear()
        layer.update(bad)
    entries["config.json"] = json.dumps(config).encode()


def _objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        own = [value] if "class_name" in value else []
        return own + [found for part in value.values() for found in _objects(part)]
    return [found for part in value for found in _objects(part)] if isinstance(value, list) else []


def _bad_objects(canary: Path) -> list[dict[str, Any]]:
    """What Keras might be led to import, call or read."""
    code = f"lambda x: [x, __import__('pathlib').Path({str(canary)!r}).touch()][0]"
    touch = f"touch {canary}"

    def named(module: str | None, name: str, config: Any, registered: str | None = None) -> dict[str, Any]:
        return {"module": module, "class_name": name, "config": config, "registered_name": registered}

    marshalled = {"class_name": "__lambda__", "config": {"code": _marshalled(code), "defaults": None, "closure": None}}
    return [
        named("keras.layers", "Lambda", {"name": "bad", "function": marshalled, "arguments": {}}),
        marshalled,
        named("os", "system", {"command": touch}),
        named("builtins", "function", "eval", "function"),
        named("subprocess", "Popen", {"args": touch, "shell": True}),
        named("poisoned_module", "Layer", {"name": "bad"}),
        named("keras.utils", "function", "get_file", "function"),
        named("keras.layers", "TFSMLayer", {"filepath": str(canary.parent / "outside")}),
        named("keras.layers", "StringLookup", {"vocabulary": str(canary.parent / "outside" / "precious.txt")}),
        named("keras.layers", "TorchModuleWrapper", {"module": _marshalled("1")}),
        named(None, "Unknown", {"name": "bad"}, "Foreign>Unknown"),
        named("keras.src.saving.saving_lib", "load_model", {"filepath": "x"}),
    ]


def _marshalled(source: str) -> str:
    import base64
    import marshal

    return base64.b64encode(marshal.dumps(compile(source, "x", "eval"))).decode()


def _weights(entries: dict[str, bytes], random: Random, canary: Path) -> None:
    """Weights that are elsewhere, or that are declared larger than any memory."""
    import h5py

    buffer = io.BytesIO(entries["model.weights.h5"])
    with h5py.File(buffer, "r+") as file:
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        name = random.choice(names)
        shape = file[name].shape
        del file[name]
        _put_bad(file, name, shape, random, canary)
    entries["model.weights.h5"] = buffer.getvalue()


def _put_bad(file: Any, name: str, shape: tuple[int, ...], random: Random, canary: Path) -> None:
    import h5py

    outside = canary.parent / "outside" / "precious.h5"
    how = random.randrange(5)
    if how == 0:
        file[name] = h5py.ExternalLink(str(outside), "/precious")
    elif how == 1:
        file.create_dataset(name, (10**9, 1000), "f4", chunks=(1000, 1000), compression="gzip")
    elif how == 2:
        file.create_dataset(name, shape, "f4", external=[(str(outside.with_suffix(".txt")), 0, h5py.h5f.UNLIMITED)])
    elif how == 3:
        file[name] = h5py.SoftLink(f"/{name}")
    else:
        file[name] = np.full(shape, np.nan, "f4")


def forged_graph(path: Path, random: Random, canary: Path) -> None:
    """A SavedModel that writes a file when it answers, with its digests in the manifest."""
    import shutil

    bad = canary.parent / "poisoned_graph"
    for file in bad.rglob("*"):
        if file.is_file():
            shutil.copy2(file, path.parent / file.relative_to(bad))
    _redo_manifest(path.parent)


def forged_graph_bytes(path: Path, random: Random, canary: Path) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(random.choice((1, 3))):
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    path.write_bytes(content)
    _redo_manifest(path.parent)


def _redo_manifest(folder: Path) -> None:
    from zoo.export.manifest import hashes
    from zoo.state.export_files import MANIFEST_FILE

    record = json.loads((folder / MANIFEST_FILE).read_text())
    (folder / MANIFEST_FILE).write_text(json.dumps(record | {"files": hashes(folder)}))
    reseal(folder / MANIFEST_FILE)


def make_poisons(folder: Path, canary: Path) -> None:
    """Write what the forgeries point at: a module, a graph and files that are not to be read."""
    import h5py

    (folder / "poisoned_module.py").write_text(f"import pathlib\npathlib.Path({str(canary)!r}).touch()\n")
    outside = folder / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_text("precious\n" * 1000)
    with h5py.File(outside / "precious.h5", "w") as file:
        file["precious"] = np.ones((3, 3, 3, 8), "f4")


def poison_graph(folder: Path, canary: Path, size: tuple[int, int], classes: int) -> None:
    """Write a SavedModel that looks like an export and writes a file when it is called."""
    import tensorflow as tf

    class Graph(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, *size, 3), tf.uint8, name="images")])
        def serve(self, images: Any) -> dict[str, Any]:
            tf.io.write_file(str(canary), "x")
            rows = tf.ones((tf.shape(images)[0], classes)) / classes
            return {"logits": rows, "probabilities": rows}

    graph = Graph()
    tf.saved_model.save(graph, str(folder), signatures={"serving_default": graph.serve, "top_k": graph.serve})


Change = Callable[[Path, Random, Path], None]
FORGED_JSON = Mutator("forged_entry", forged_entry, (".json",))
FORGED_ARRAY = Mutator("forged_array", forged_array, (".npy",))
FORGED_KERAS = Mutator("forged_keras", forged_keras, (".keras",))
FORGED_GRAPH = (
    Mutator("forged_graph", forged_graph, (".pb",)),
    Mutator("forged_graph_bytes", forged_graph_bytes, (".pb",)),
)
FORGERIES = (FORGED_JSON, FORGED_JSON, FORGED_ARRAY, FORGED_KERAS, FORGED_KERAS, *FORGED_GRAPH)
