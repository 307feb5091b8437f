"""Fitted rules in a store, by the content that they were fitted on: nothing unchanged is fitted again."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ensembles.remembered import remembering
from zoo.members.store import Store
from zoo.utils.files import read_json, replacing
from zoo.utils.hashing import short_hash

logger = logging.getLogger(__name__)

FOLDER = "rules"


@contextmanager
def fits_kept_in(store: Store) -> Iterator[None]:
    """Read rules that were fitted before from a store, and keep those that are fitted while the block runs."""
    with remembering(KeptFits(store.root / FOLDER)):
        yield


class KeptFits:
    """A folder of fits, one JSON file each, named by its key (:mod:`ensembles.fit_keys`).

    A file that was damaged is a warning, and its fit is made again; one that cannot be written is not kept.

    Args:
        folder: made when something is kept in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: str) -> Mapping[str, Any] | None:
        """Read what was kept under a key, if it is there and whole."""
        path = self._path(key)
        try:
            found = read_json(path)
            if found["hash"] != _hash(key, found["fit"]):
                raise ValueError(f"Expected the contents that {path} was written with; they were changed.")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("%s is made again: %s", path, error)
            return None
        fit: Mapping[str, Any] = found["fit"]
        return fit

    def keep(self, key: str, described: Mapping[str, Any]) -> None:
        """Write JSON values under a key."""
        try:
            with replacing(self._path(key)) as beside:
                beside.write_text(json.dumps({"hash": _hash(key, described), "fit": described}, allow_nan=False))
        except (OSError, ValueError) as error:
            logger.debug("a fitted rule is not kept: %s", error)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _hash(key: str, described: Mapping[str, Any]) -> str:
    return short_hash([key, json.loads(json.dumps(described))])
