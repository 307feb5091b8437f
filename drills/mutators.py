"""Ways to damage a file: by bytes, by its place, as JSON, as an ``.npy`` and as a zip archive."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Mutator:
    """A way to damage a file.

    Attributes:
        name: for the report.
        change: takes the file, a random generator and the canary, a path that only code from the file would write.
        suffixes: of the files that it is for; any where there are none.
    """

    name: str
    change: Callable[[Path, Random, Path], None]
    suffixes: tuple[str, ...] = ()

    def takes(self, path: Path) -> bool:
        """Whether a file is of its kind."""
        return not self.suffixes or path.suffix in self.suffixes


def cut(path: Path, random: Random, canary: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: random.randrange(len(content) or 1)])


def flip(path: Path, random: Random, canary: Path) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(random.choice((1, 1, 1, 8))):
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    path.write_bytes(content)


def zero_block(path: Path, random: Random, canary: Path) -> None:
    """What a disk gives back after a power cut."""
    content = bytearray(path.read_bytes())
    start = random.randrange(len(content))
    end = min(len(content), start + random.choice((16, 512, 4096)))
    content[start:end] = bytes(end - start)
    path.write_bytes(content)


def empty(path: Path, random: Random, canary: Path) -> None:
    path.write_bytes(b"")


def garbage(path: Path, random: Random, canary: Path) -> None:
    path.write_bytes(random.randbytes(random.choice((1, 100, 10_000))))


def longer(path: Path, random: Random, canary: Path) -> None:
    with path.open("ab") as file:
        file.write(random.randbytes(random.choice((1, 40, 1000))))


def removed(path: Path, random: Random, canary: Path) -> None:
    path.unlink()


def folder_instead(path: Path, random: Random, canary: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").write_text("x")


def swapped(path: Path, random: Random, canary: Path) -> None:
    """Another file of the same suffix, or of any, in its place."""
    root = next(parent for parent in path.parents if (parent / ".scratch").exists())
    others = sorted(other for other in root.rglob("*") if other.is_file() and other != path)
    alike = [other for other in others if other.suffix == path.suffix and other.read_bytes() != path.read_bytes()]
    path.write_bytes(random.choice(alike or others).read_bytes())


def linked_out(path: Path, random: Random, canary: Path) -> None:
    """A link to a file elsewhere: the user's own, a device that never ends, nothing, or itself."""
    outside = canary.parent / "outside" / "precious.txt"
    path.unlink()
    path.symlink_to(random.choice((outside, Path("/dev/zero"), Path("/dev/null"), canary.parent / "nothing", path)))


def linked_copy(path: Path, random: Random, canary: Path) -> None:
    """A link to the same content elsewhere, as people do who spread a run over disks."""
    aside = canary.parent / f"aside{path.suffix}"
    aside.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(aside)


def pipe(path: Path, random: Random, canary: Path) -> None:
    """A named pipe, whose reader waits for ever."""
    path.unlink()
    os.mkfifo(path)


BYTES = tuple(
    Mutator(change.__name__, change)
    for change in (cut, flip, flip, zero_block, empty, garbage, longer, removed, folder_instead)
)
PLACES = tuple(Mutator(change.__name__, change) for change in (swapped, swapped, linked_out, linked_copy, pipe))

STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 1e308, -0.5, "", "x", "../../outside", "/etc/passwd", "\0", "a/b", [], {}, [[]],
    {"a": 1}, [1, "x", None], "9" * 2000, 2**63, "<U4000000000", "|O",
)  # fmt: skip


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a JSON value with each of its keys or indices."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in list(pairs):
        yield value, key
        yield from places_in(part)


def change_json(record: Any, random: Random) -> None:
    """Replace, remove, rename or duplicate one entry, anywhere; the outer ones as likely as all inner ones."""
    places = list(places_in(record))
    outer = [place for place in places if place[0] is record]
    container, key = random.choice(random.choice((outer, places)))
    how = random.choice(("replace", "replace", "replace", "remove", "rename", "repeat"))
    if how == "remove":
        del container[key]
    elif how == "rename" and isinstance(container, dict):
        container[random.choice(("x", f"{key}_", ""))] = container.pop(key)
    elif how == "repeat" and isinstance(container, list):
        container.append(container[key])
    else:
        container[key] = random.choice(STRANGE)


def json_entry(path: Path, random: Random, canary: Path) -> None:
    record = json.loads(path.read_text())
    change_json(record, random)
    path.write_text(json.dumps(record))


def json_text(path: Path, random: Random, canary: Path) -> None:
    """JSON that is no record, or that no parser should follow to its end."""
    texts = (
        "[" * 100_000,
        '{"a":' * 50_000,
        "null",
        "[]",
        "3",
        '"x"',
        "NaN",
        "9" * 10_000,
        '{"format": Infinity}',
        "{}",
    )
    path.write_text(random.choice(texts))


JSON = tuple(Mutator(change.__name__, change, (".json",)) for change in (json_entry, json_entry, json_entry, json_text))


class Poison:
    """What runs code when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.canary,)


def npy_pickle(path: Path, random: Random, canary: Path) -> None:
    if random.random() < 0.5:
        path.write_bytes(pickle.dumps(Poison(canary)))
    else:
        np.save(path, np.array([Poison(canary)], object), allow_pickle=True)


def npy_header(path: Path, random: Random, canary: Path) -> None:
    """A header that declares more, or something else, than the file has."""
    headers = (
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 16)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (3,)}",
        "{'descr': '<U900000000', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}",
        "{'descr': 3, 'fortran_order': None, 'shape': 'x'}",
        f"__import__('pathlib').Path({str(canary)!r}).touch()",
        "(" * 5000,
        "{'descr': '<f4', 'shape': ()}",
    )
    text = random.choice(headers).encode().ljust(117) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + random.randbytes(200))


def npy_value(path: Path, random: Random, canary: Path) -> None:
    """One number another, or none."""
    array = np.load(path, allow_pickle=False).copy()
    if array.size:
        array.flat[random.randrange(array.size)] = random.choice(
            (0, 1, 77) + ((np.nan, np.inf) * (array.dtype.kind == "f"))
        )
    np.save(path, random.choice((array, array[:-1], array.astype("f8"), array.ravel(), array[..., :1])))


NPY = tuple(Mutator(change.__name__, change, (".npy",)) for change in (npy_pickle, npy_header, npy_value))


def rezip(path: Path, change: Callable[[dict[str, bytes]], None], method: int = zipfile.ZIP_STORED) -> None:
    """Write a zip archive anew with other entries."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def zip_paths(path: Path, random: Random, canary: Path) -> None:
    """Entries that lead out of the folder that they are unpacked in."""

    def change(entries: dict[str, bytes]) -> None:
        first = random.choice(sorted(entries))
        for name in ("../../escaped.txt", str(canary), f"../{first}", "assets/../../../escaped.txt"):
            entries[name] = entries[first]

    rezip(path, change)


def zip_bomb(path: Path, random: Random, canary: Path) -> None:
    """An entry that is a thousand times as large unpacked."""

    def change(entries: dict[str, bytes]) -> None:
        name = random.choice(sorted(entries))
        buffer = io.BytesIO()
        np.lib.format.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": (300_000_000,)})
        entries[name] = buffer.getvalue() + bytes(300_000_000)

    rezip(path, change, zipfile.ZIP_DEFLATED)


def zip_entries(path: Path, random: Random, canary: Path) -> None:
    """One entry removed, empty, cut, pickled or another one."""

    def change(entries: dict[str, bytes]) -> None:
        name, other = random.choice(sorted(entries)), random.choice(sorted(entries))
        pickled = io.BytesIO()
        np.save(pickled, np.array([Poison(canary)], object), allow_pickle=True)
        entries[name] = random.choice((b"", entries[name][:-7], entries[other], b"x" * 100, pickled.getvalue()))
        if random.random() < 0.2:
            del entries[name]

    rezip(path, change)


ZIP = tuple(
    Mutator(change.__name__, change, (".npz", ".keras")) for change in (zip_paths, zip_bomb, zip_entries, zip_entries)
)
EVERY = BYTES + PLACES + JSON + NPY + ZIP
