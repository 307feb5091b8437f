"""Make the site in ``site/``: ``make docs``. It gathers the pages, has Zensical build them, and checks the result.

Pages stay where a code host shows them; README, CONTRIBUTING and CHANGELOG become pages beside those of ``docs/``. A
link to a file that is no page, such as a benchmark's script, becomes its text.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES, SITE = ROOT / "build" / "pages", ROOT / "site"
BESIDE = {  # pages that are not in docs/, and what they are on the site
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/README.md": "benchmark-scripts.md",
}
SHOWN = (".md", ".svg", ".png", ".css", ".html")
LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\((?!\w+:)([^()#]+)(#[^()]*)?\)")
PICTURE = re.compile(r"(!\[[^\[\]]*\]\()(?!\w+:)([^()]+)(\))")
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "use": "href"}
ELSEWHERE = re.compile(r"^\s*(https?:)?//")


def sources() -> dict[Path, Path]:
    """Every file of the site, as where it lies to where it goes below the folder of pages."""
    docs = ROOT / "docs"
    found = {path: path.relative_to(docs) for path in sorted(docs.rglob("*")) if path.suffix in SHOWN}
    return found | {ROOT / name: Path(place) for name, place in BESIDE.items()}


def gather(folder: Path = PAGES) -> None:
    """Copy all pages and pictures into a folder, their links pointed to where the others are now."""
    shutil.rmtree(folder, ignore_errors=True)
    places = sources()
    for path, place in places.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            target.write_text(moved(path.read_text(encoding="utf-8"), path, places), encoding="utf-8")
        else:
            shutil.copyfile(path, target)


def moved(text: str, path: Path, places: dict[Path, Path]) -> str:
    """Point a page's links and pictures to where their targets are on the site."""

    def link(found: re.Match[str]) -> str:
        label, target, anchor = found.groups()
        place = places.get((path.parent / target).resolve())
        return label if place is None else f"[{label}]({_relative(place, places[path])}{anchor or ''})"

    def picture(found: re.Match[str]) -> str:
        place = places.get((path.parent / found[2]).resolve())
        if place is None:
            sys.exit(f"Expected the picture {found[2]} of {path.relative_to(ROOT)}; there is none. Run make docs.")
        return found[1] + _relative(place, places[path]) + found[3]

    return PICTURE.sub(picture, LINK.sub(link, text))


def _relative(target: Path, page: Path) -> str:
    up = len(page.parent.parts)
    return "../" * up + target.as_posix()


class _Loads(HTMLParser):
    """What a page loads by itself; links that a reader follows are not among it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == LOADS.get(tag) and value]


def _loads(path: Path) -> list[str]:
    page = _Loads()
    page.feed(path.read_text(encoding="utf-8"))
    return page.found


def _at(path: Path, site: Path) -> str:
    return path.relative_to(site).as_posix()


def loads_from_elsewhere(site: Path = SITE) -> list[str]:
    """What the site's pages and styles load from other hosts, with the file that does; nothing, if it works offline."""
    found = []
    for path in sorted(site.rglob("*.html")):
        found += [f"{_at(path, site)}: {address}" for address in _loads(path) if ELSEWHERE.match(address)]
    for path in sorted(site.rglob("*.css")):
        addresses = re.findall(r"(?:url\(|@import\s+)[\"']?([^\"')]+)", path.read_text(encoding="utf-8"))
        found += [f"{_at(path, site)}: {address}" for address in addresses if ELSEWHERE.match(address)]
    return found


def loads_in_vain(site: Path = SITE) -> list[str]:
    """What pages load from the site itself that is not there, with the page; nothing, if all is there."""
    found = []
    for path in sorted(site.rglob("*.html")):
        if path.name != "404.html":  # whose addresses are of the site's root, wherever that is
            own = [address for address in _loads(path) if not re.match(r"\w+:|//|#", address)]
            found += [f"{_at(path, site)}: {name}" for name in own if not (path.parent / _file(name)).exists()]
    return found


def _file(address: str) -> str:
    return re.split("[?#]", address)[0]


def main() -> None:
    """Gather, build and check."""
    gather()
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("Expected a site without warnings; see above.")
    if elsewhere := loads_from_elsewhere():
        sys.exit("Expected a site that loads nothing from other hosts; received:\n" + "\n".join(elsewhere))
    if missing := loads_in_vain():
        sys.exit("Expected a site that has what its pages load; it lacks:\n" + "\n".join(missing))
    print(f"site: {SITE / 'index.html'}")


if __name__ == "__main__":
    main()
