"""The architecture: imports go down only and nothing goes round (``.importlinter``), and the front door is light."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def modules():
    files = [path for package in ("zoo", "ensembles") for path in sorted((ROOT / package).rglob("*.py"))]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


def test_the_contracts_of_the_architecture_hold():
    """In a process of its own, as the linter disables all loggers that there are."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_front_door_loads_neither_keras_nor_tensorflow():
    code = (
        "import sys, zoo, zoo.cli.main; zoo.names(); zoo.spec('vgg16');"
        "print([m for m in ('keras', 'tensorflow', 'sklearn', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tensorflow_is_named_only_where_it_is_the_point():
    allowed = {name for name in modules() if name.startswith(("zoo.export.", "zoo.data.sources."))}
    allowed |= {"zoo.data.loading", "zoo.utils.logging", "zoo.augment.mixing", "zoo.augment.from_keras_cv"}
    allowed |= {
        "zoo.training.graph_augmentation",
        "zoo.training.devices",
        "zoo.training.data_parallel",
        "zoo.inference.engines.choice",
        "zoo.inference.engines.of_run",
        "zoo.explanation.gradients",
    }
    naming = {name for name, path in modules().items() if "import tensorflow" in path.read_text()}
    assert naming <= allowed
