"""The shape of the tree: modules, lines, circles of imports, and how many files two ways through it touch.

python benchmarks/shape.py            this checkout
python benchmarks/shape.py FOLDER     another one, to compare with
python benchmarks/shape.py --ways     run a small fit and an export, and count the files of zoo that they call
"""

from __future__ import annotations

import argparse
import ast
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

PACKAGES = ("zoo", "ensembles")

WAYS = """
import os, sys, tempfile, threading
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import zoo
pixels = np.random.default_rng(0).integers(0, 256, (48, 16, 16, 3)).astype("uint8")
ensemble = zoo.Ensemble(["simple_cnn"], recipe=zoo.Recipe(head_epochs=1, epochs=0))
root = os.path.dirname(zoo.__file__)
def counted(work):
    files = set()
    def note(frame, event, argument):
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(root) and frame.f_code.co_name != "<module>":
            files.add(name[len(root) + 1 :])
    threading.setprofile(note); sys.setprofile(note)
    work()
    sys.setprofile(None); threading.setprofile(None)
    return files
fit = counted(lambda: ensemble.fit(pixels, np.arange(48) % 2))
out = counted(lambda: ensemble.export(tempfile.mkdtemp() + "/saved_model"))
print(f"files of zoo called by fit of one member: {len(fit)}; by export: {len(out)}")
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("root", nargs="?", type=Path, default=Path(__file__).resolve().parents[1])
    options.add_argument("--ways", action="store_true")
    given = options.parse_args()
    modules = dict(modules_of(given.root))
    for package in PACKAGES:
        print(f"{package}: {size_of({name: path for name, path in modules.items() if name.split('.')[0] == package})}")
    children = [path for path in (given.root / "zoo").iterdir() if path.name[0] not in "_."]
    files = [path for path in children if path.suffix == ".py"]
    rooms = [path for path in children if path.is_dir() and any(path.rglob("*.py"))]
    print(f"at the root of zoo: {len(files)} modules beside __init__, {len(rooms)} packages")
    print(f"modules that one other imports: {len(crumbs(modules))}")
    circles = circles_of(modules)
    print(f"circles, imports for type checkers counted: {len(circles)}; modules in them: {sum(map(len, circles))}")
    for circle in circles:
        print(f"  {', '.join(circle)}")
    between = circles_of(modules, room)
    print(f"circles of packages: {len(between)}")
    for circle in between:
        print(f"  {', '.join(circle)}")
    if given.ways:
        subprocess.run([sys.executable, "-c", WAYS], cwd=given.root, check=True, stderr=subprocess.DEVNULL)


def modules_of(root: Path) -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            yield ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"), path


def size_of(modules: dict[str, Path]) -> str:
    lengths = sorted(len(path.read_text().splitlines()) for path in modules.values())
    over = sum(length > 250 for length in lengths)
    return (
        f"{len(lengths)} files, {sum(lengths):,} lines; median {statistics.median(lengths):.0f}, "
        f"longest {lengths[-1]}, {over} over 250"
    )


def room(module: str) -> str:
    """The package of zoo that a module lies in, or the module itself at the root."""
    return ".".join(module.split(".")[:2])


def imports(path: Path, known: set[str]) -> set[str]:
    """The modules that a file imports anywhere in it, for type checkers too; a lazy import is one as well."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            deeper = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (deeper & known) or {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & known


def crumbs(modules: dict[str, Path]) -> list[str]:
    importers = defaultdict(set)
    for name, path in modules.items():
        for target in imports(path, set(modules)) - {name}:
            importers[target].add(name)
    return [name for name in modules if len(importers[name]) == 1]


def circles_of(modules: dict[str, Path], group: object = str) -> list[list[str]]:
    """Groups of modules, or of what they lie in, each of which imports all others by some way.

    The front door, which names what it offers, is left out.
    """
    inner = {name: path for name, path in modules.items() if name not in PACKAGES}
    edges = {(group(name), group(other)) for name, path in inner.items() for other in imports(path, set(inner))}
    names = sorted({end for edge in edges for end in edge})
    number = {name: place for place, name in enumerate(names)}
    rows, columns = zip(*((number[one], number[other]) for one, other in edges if one != other), strict=True)
    graph = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(names),) * 2)
    _, labels = connected_components(graph, connection="strong")
    groups = [[name for name, own in zip(names, labels, strict=True) if own == label] for label in set(labels)]
    return sorted((found for found in groups if len(found) > 1), key=len, reverse=True)


if __name__ == "__main__":
    main()
