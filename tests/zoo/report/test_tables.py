"""zoo/report/tables.py: what is drawn is what is there, brackets and colons included."""

from zoo.cli.console import console
from zoo.report.tables import as_text, draw

NAMES = ("CD4[+]", "CD4[bold]", "CD8[/]", "a :smile: b")


def test_names_are_no_markup():
    text = as_text(draw("Classes [x]", ("class",), [(name,) for name in NAMES], left=("class",)))
    assert all(name in text for name in (*NAMES, "Classes [x]"))
    with console.capture() as captured:
        console.print(draw("", ("class",), [(name,) for name in NAMES], left=("class",)), *NAMES)
    assert all(captured.get().count(name) == 2 for name in NAMES)
