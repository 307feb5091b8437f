"""The site: every page is in its navigation, its links are moved well, and the errors that it quotes exist."""

import ast
import importlib.util
import re
import shlex
from pathlib import Path

import pytest
import typer

from zoo.cli.main import application

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def script(name):
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site():
    return script("make_site")


def test_the_navigation_has_every_page_once(site):
    (listed,) = re.findall(r"^nav:\n(.*?)^\S", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE | re.DOTALL)
    listed = re.findall(r"[\w/-]+\.md$", listed, re.MULTILINE)
    assert sorted(listed) == sorted([*PAGES, *site.BESIDE.values()]), "add the page to nav in mkdocs.yml"


def test_links_are_pointed_to_where_pages_are_on_the_site(site):
    places = site.sources()
    readme = (
        "[a](docs/faq.md#x) [b](CHANGELOG.md) [c](benchmarks/shape.py) [d](https://a.b/c.md) [e](docs/api/plots.md)"
    )
    moved = "[a](faq.md#x) [b](changelog.md) c [d](https://a.b/c.md) [e](api/plots.md)"
    assert site.moved(readme, ROOT / "README.md", places) == moved
    below = site.moved("[a](../faq.md) [b](data.md) [c](#here)", DOCS / "api" / "plots.md", places)
    assert below == "[a](../faq.md) [b](../api/data.md) [c](#here)"
    assert site.moved("![a](docs/flow.svg)", ROOT / "README.md", places) == "![a](flow.svg)"


def test_a_picture_that_is_not_there_is_an_error(site):
    with pytest.raises(SystemExit, match=r"nowhere\.png of README\.md"):
        site.moved("![a](nowhere.png)", ROOT / "README.md", site.sources())


def test_what_a_site_loads_from_elsewhere_is_found(site, tmp_path):
    page = '<a href="https://a.b">ok</a><img src="own.png"><script src="//c.d/e.js"></script>'
    (tmp_path / "index.html").write_text(page)
    (tmp_path / "own.css").write_text("@import 'own2.css'; p {background: url(https://f.g/h.png)}")
    assert site.loads_from_elsewhere(tmp_path) == ["index.html: //c.d/e.js", "own.css: https://f.g/h.png"]


def test_what_a_page_lacks_is_found(site, tmp_path):
    (tmp_path / "own.png").touch()
    (tmp_path / "index.html").write_text('<img src="own.png?v=1"><iframe src="b.html"></iframe><img src="data:x">')
    assert site.loads_in_vain(tmp_path) == ["index.html: b.html"]


@pytest.mark.slow
def test_the_reference_has_the_options_that_an_import_adds():
    griffe = pytest.importorskip("griffe", reason="pip install 'ensemble-zoo[docs]'")
    from zoo import Recipe

    extensions = griffe.load_extensions("dataclasses", script("runtime_docstrings").RuntimeDocstrings)
    recipe = griffe.load("zoo", search_paths=[ROOT], extensions=extensions)["training.recipe.Recipe"]
    assert "{options}" not in recipe.docstring.value
    assert all(f"\n    {name}: " in recipe.docstring.value for name in Recipe.__dataclass_fields__)
    assert recipe.parameters["epochs"].default == "10"
    assert str(recipe.parameters["epochs"].annotation) == "int"


def texts():
    """All texts in the sources, with … in place of values."""
    for folder in ("zoo", "ensembles"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.JoinedStr):
                    yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield re.sub(r"%[a-z]", "…", node.value)


def test_errors_that_the_page_quotes_are_in_the_sources():
    quoted = re.findall(r"^```text\n(.*?)\n```$", (DOCS / "faq.md").read_text(), re.MULTILINE | re.DOTALL)
    known = list(texts())
    # A value at the end of a quote may be followed by a full stop that the source has, or not.
    missing = [quote for quote in quoted if not any(quote.removesuffix(".") in text for text in known)]
    assert len(quoted) > 20
    assert missing == []


def commands(page):
    """The lines of a page that call ``zoo``."""
    for block in re.findall(r"^```console\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
        yield from re.findall(r"^\$ (?:\w+=\S+ )*zoo (.*)$", block, re.MULTILINE)


@pytest.mark.parametrize("page", [*PAGES, "../README.md"])
def test_commands_on_the_page_have_such_options(page):
    for line in commands(DOCS / page):
        name, *words = [word for word in shlex.split(line, comments=True) if not word.startswith("--import")]
        group = typer.main.get_command(application(name))
        group.commands[name].make_context(name, words)  # raises what a user would be told
