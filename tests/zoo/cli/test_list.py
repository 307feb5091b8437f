"""``zoo list``: first of all it is fast."""

import subprocess
import sys

import zoo
from zoo.cli.list import HEADER, row, table

HEAVY = ("numpy", "scipy", "sklearn", "keras", "tensorflow", "ensembles", "rich", "zoo.config")


def test_it_loads_nothing_else():
    code = (
        "import sys; sys.argv = ['zoo', 'list', 'vgg*']\n"
        "from zoo.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert ended.code == 0\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
        "print(sorted(name for name in sys.modules if name.startswith('zoo.cli.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *_, heavy, own = done.stdout.splitlines()
    assert heavy == "[]"
    assert own == str(["zoo.cli.exit_codes", "zoo.cli.list", "zoo.cli.main"])


def test_columns_stand_below_each_other():
    names = zoo.names("vgg*")
    lines = table(names).splitlines()
    assert len(lines) == 1 + len(names)
    for line, cells in zip(lines, [HEADER, *map(row, names)], strict=True):
        assert line.split() == " ".join(cells).split()
    starts = {line.index(cells[0]) for line, cells in zip(lines[1:], map(row, names), strict=True)}
    ends = {lines[0].index("parameters") + len("parameters")}
    assert starts == {0}
    assert {line.index(row(name)[3]) + len(row(name)[3]) for line, name in zip(lines[1:], names, strict=True)} == ends
