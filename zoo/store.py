"""Members and their logits on disk: what is present and valid is done.

A member lies in ``members/<backbone>-<key>``; the key is the hash of everything that decides its weights, so that
ensembles, methods and runs share members by finding them. Logits lie beside the member, one ``.npy`` for each set
of images, named by the images' content.
"""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from zoo.data.images import Images
from zoo.files import write_array
from zoo.member import Member
from zoo.plan import Plan
from zoo.recipe import Recipe

logger = logging.getLogger(__name__)

KEY_LENGTH = 12
NUMERICS = 1  # one more whenever a change of this library changes what the same plan and recipe compute


class Store:
    """A folder of members.

    Args:
        root: the folder; made when something is kept in it.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).expanduser().resolve()

    @property
    def members(self) -> Path:
        """The folder of the members' folders."""
        return self.root / "members"

    def lock(self, key: str) -> FileLock:
        """Keep two processes from training the same member at once; the second finds the first one's."""
        folder = self.root / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / f"{key}.lock")

    def find(self, key: str) -> Member | None:
        """Read a member if it is there and whole; one that is not is as good as absent."""
        if not (self.members / key).is_dir():
            return None
        try:
            return self.member(key)
        except (OSError, ValueError, KeyError) as error:
            logger.warning("%s is made again: %s", self.members / key, error)
            return None

    def member(self, key: str) -> Member:
        """Read a member that must be there.

        Raises:
            FileNotFoundError: it is not.
            ValueError: it was changed or cut.
        """
        return Member.load(self.members / key)

    def keep(self, key: str, member: Member) -> None:
        """Write a member into the store."""
        member.save(self.members / key)

    def find_logits(self, key: str, images: Images, classes: int) -> np.ndarray | None:
        """Read a member's logits ``(N, classes)`` for some images if they are there and whole."""
        path = self._logits_file(key, images)
        try:
            logits = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return logits if logits.shape == (len(images), classes) else None

    def logits(self, key: str, member: Member, images: Images) -> np.ndarray:
        """Return a member's logits ``(N, classes)`` float32, computed once for each set of images."""
        found = self.find_logits(key, images, len(images.classes))
        if found is None:
            found = member.logits(images)
            self._keep_logits(self._logits_file(key, images), found)
        return found

    def _keep_logits(self, path: Path, logits: np.ndarray) -> None:
        try:
            write_array(path, logits)
        except OSError as error:
            logger.warning("logits are not kept: %s", error)

    def _logits_file(self, key: str, images: Images) -> Path:
        return self.members / key / "logits" / f"{images.fingerprint}.npy"


def member_key(plan: Plan, recipe: Recipe, train: Images, validation: Images) -> str:
    """Name a member by everything that decides its weights: plan, recipe, seed and data."""
    content = {
        "numerics": NUMERICS,
        "plan": plan.identity(),
        "recipe": recipe.as_dict(),
        "train": train.fingerprint,
        "validation": validation.fingerprint,
    }
    return f"{plan.backbone}-{_hash(json.dumps(content, sort_keys=True).encode())}"


def adopted_key(member: Member) -> str:
    """Name a member that was trained elsewhere by its network and its weights."""
    digest = hashlib.sha256(json.dumps(_anonymous(member.model.get_config()), sort_keys=True, default=str).encode())
    for array in member.model.get_weights():
        digest.update(np.ascontiguousarray(array).tobytes())
    return f"{member.name}-{digest.hexdigest()[:KEY_LENGTH]}"


def _anonymous(config: Any) -> Any:
    """Leave out layer names, which count how many layers the process has made before."""
    if isinstance(config, dict):
        return {key: _anonymous(value) for key, value in config.items() if key not in ("name", "keras_history")}
    return [_anonymous(value) for value in config] if isinstance(config, list | tuple) else config


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:KEY_LENGTH]
