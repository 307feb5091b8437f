"""The architecture: imports go down only, nothing goes round, and the front door is light."""

import ast
import subprocess
import sys
from fnmatch import fnmatchcase
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# From the bottom up; a module imports from its own floor and the floors below.
FLOORS = [
    ["ensembles", "ensembles.*"],
    ["zoo.utils", "zoo.utils.*", "zoo.utils.text", "zoo.utils.timing"],
    [
        "zoo.models.registry",
        "zoo.utils.text",
        "zoo.utils.files",
        "zoo.utils.files",
        "zoo.utils.logging",
        "zoo.typecheck",
        "zoo.training.checkpoint",
    ],
    ["zoo.utils.locks"],
    ["zoo.models.backbones", "zoo.models.backbones.*", "zoo.augment.graph_layers"],
    ["zoo.export.optimise", "zoo.export.optimise.*"],
    ["zoo.data", "zoo.data.*"],
    ["zoo.models", "zoo.models.*", "zoo.models.spec"],
    ["zoo.training.recipe", "zoo.data.preview", "zoo.members.fingerprint"],
    ["zoo.training", "zoo.training.*"],
    ["zoo.members.files"],
    ["zoo.members.member", "zoo.members.build"],
    ["zoo.members", "zoo.members.*", "zoo.members.store", "zoo.state.out_of_distribution"],
    ["zoo.members.store", "zoo.state.provenance", "zoo.state.held_out_predictions", "zoo.ensemble.classifier"],
    ["zoo.members", "zoo.members.*"],
    ["zoo.report", "zoo.report.*"],
    ["zoo.shift", "zoo.shift.*"],
    ["zoo.evaluation.abstention", "zoo.ensemble.distill"],
    ["zoo.export", "zoo.export.*", "zoo.export", "zoo.export.*", "zoo.state.persistence"],
    ["zoo.ensemble.fitted"],
    ["zoo.ensemble.estimator"],
    ["zoo.inference", "zoo.inference.*"],
    ["zoo.config", "zoo.cleaning.backbone_features"],
    ["zoo.cli", "zoo.cli.*"],
    ["zoo.cli.demo"],
    ["zoo.cli", "zoo.cli.*"],
    ["zoo.cli.main"],
]


def modules():
    files = [path for package in ("zoo", "ensembles") for path in sorted((ROOT / package).rglob("*.py"))]
    named = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in files}
    named = {name.removesuffix(".__init__"): path for name, path in named.items()}
    del named["zoo"]  # the front door, which names what it offers
    return named


def imports(path, known):
    """Modules of this project that a file imports when it runs: not what is there for type checkers alone."""
    tree = ast.parse(path.read_text())
    hidden = {id(inner) for node in ast.walk(tree) if is_type_checking(node) for inner in ast.walk(node)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in hidden:
            deeper = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in deeper if name in known} or {node.module}
        elif isinstance(node, ast.Import) and id(node) not in hidden:
            found |= {alias.name for alias in node.names}
    return found & known


def is_type_checking(node):
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def floor(module):
    floors = [n for n, patterns in enumerate(FLOORS) if any(fnmatchcase(module, pattern) for pattern in patterns)]
    assert len(floors) == 1, f"{module} must stand on one floor of FLOORS, not {floors}"
    return floors[0]


@pytest.mark.parametrize("module", modules())
def test_imports_go_down(module):
    above = [name for name in imports(modules()[module], set(modules())) if floor(name) > floor(module)]
    assert not above


def test_no_import_goes_round():
    known = set(modules())
    graph = {name: imports(path, known) - {name} for name, path in modules().items()}
    packages = {name for name in known if any(other.startswith(f"{name}.") for other in known)}
    inner = {name: {n for n in needed if n not in packages} for name, needed in graph.items() if name not in packages}
    list(TopologicalSorter(inner).static_order())


def test_ensembles_never_imports_zoo():
    for path in (ROOT / "ensembles").rglob("*.py"):
        assert not any(name.startswith("zoo") for name in imports(path, set(modules())))


def test_the_front_door_loads_neither_keras_nor_tensorflow():
    code = (
        "import sys, zoo, zoo.cli.main; zoo.names(); zoo.spec('vgg16');"
        "print([m for m in ('keras', 'tensorflow', 'sklearn', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tensorflow_is_named_only_where_it_is_the_point():
    allowed = {name for name in modules() if name.startswith("zoo.export.")}
    allowed |= {"zoo.data.sources.arrays", "zoo.data.loading", "zoo.utils.logging", "zoo.export.submission_model"}
    allowed |= {"zoo.augment.mixing", "zoo.training.graph_augmentation", "zoo.training.devices", "zoo.inference.graphs"}
    naming = {name for name, path in modules().items() if "import tensorflow" in path.read_text()}
    assert naming <= allowed
