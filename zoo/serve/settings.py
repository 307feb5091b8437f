"""What a server is told: the model, where it listens, how batches form, and what it refuses."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zoo.inference.engines import AUTO, TENSORFLOW, check_engine

NEEDED = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")  # modules of the extra
MEGABYTE, MEGAPIXEL = 2**20, 10**6
MOST_MEGAPIXELS = 89  # Pillow warns of more by itself
ALLOWED: dict[str, tuple[float, float]] = {  # the least and the most of each number
    "port": (0, 65535),
    "batch": (1, 4096),
    "wait_ms": (0, 10_000),
    "queue": (1, 1_000_000),
    "max_megabytes": (1, 4096),
    "max_megapixels": (1, MOST_MEGAPIXELS),
    "timeout": (0.1, 3600),
    "workers": (1, 256),
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a server is told.

    Attributes:
        model: a run's folder or an export.
        method: the rule of a run; None for its own.
        engine: ``tensorflow``, ``onnx`` or ``litert``; ``auto`` for the fastest of those that are there.
        name: what the V2 protocol calls the model.
        error: the wanted share of errors among accepted answers, one that the manifest lists a threshold for.
        coverage: the wanted probability that a set of classes holds the true one, one that the manifest lists.
        host: the address to listen at.
        port: the port; 0 for a free one.
        batch: the most images that are predicted at a time.
        wait_ms: how long, in milliseconds, an image waits for others that are on their way.
        queue: the most images under way, decoded or waiting or predicted; more are refused with 429.
        max_megabytes: of a request's body.
        max_megapixels: of a picture, by its header.
        timeout: seconds that a request may take, its body included.
        workers: processes, each with the model in its memory.
    """

    model: str
    method: str | None = None
    engine: str = AUTO
    name: str = "ensemble"
    error: float = 0.01
    coverage: float = 0.95
    host: str = "127.0.0.1"
    port: int = 8000
    batch: int = 32
    wait_ms: float = 5.0
    queue: int = 256
    max_megabytes: int = 32
    max_megapixels: int = 50
    timeout: float = 30.0
    workers: int = 1

    def check(self) -> None:
        """Check what was given.

        Raises:
            ValueError: an engine that there is not, a number out of its range, or a name that no address can have.
        """
        check_engine(self.engine)
        for name, (least, most) in ALLOWED.items():
            given = getattr(self, name)
            if not least <= given <= most:
                option = name.replace("_", "-")
                raise ValueError(f"Expected --{option} of {least:g} to {most:g}; received {given:g}. Pass another.")
        if not self.name or not all(letter.isalnum() or letter in "-_." for letter in self.name):
            raise ValueError(
                f"Expected --name of letters, digits, '-', '_' and '.'; received {self.name!r}. Pass another."
            )

    @property
    def most_bytes(self) -> int:
        """Of a body."""
        return self.max_megabytes * MEGABYTE

    @property
    def most_pixels(self) -> int:
        """Of a picture."""
        return self.max_megapixels * MEGAPIXEL

    @property
    def is_loopback(self) -> bool:
        """Whether no other machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def arguments(self) -> list[str]:
        """The options of ``zoo serve`` in an image: those that are not as by default.

        Raises:
            ValueError: one that an image has of its own, or does not have.
        """
        given = {name: value for name, value in asdict(self).items() if value != getattr(type(self), name, value)}
        if own := [f"--{name}" for name in ("host", "port", "method") if name in given]:
            raise ValueError(
                f"Expected no {', '.join(own)} with --dockerfile: an image listens at port 8000, and its export has "
                "one rule. Leave it out; docker run -p maps ports."
            )
        if self.engine not in (AUTO, TENSORFLOW):
            raise ValueError(
                f"Expected --engine {TENSORFLOW} for an image, which has no other; received {self.engine}."
            )
        named = {name: value for name, value in given.items() if name not in ("model", "name", "engine")}
        return [word for name, value in named.items() for word in (f"--{name.replace('_', '-')}", str(value))]

    def as_json(self) -> str:
        """One line, for a process that serves."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Settings:
        """What :meth:`as_json` wrote."""
        plain: dict[str, Any] = json.loads(line)
        return cls(**plain)


def name_of(model: Path) -> str:
    """A name for the protocol, of a path: its last part, with '-' in place of what a name cannot have."""
    kept = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in model.resolve().name)
    return kept.strip("-.") or "ensemble"
