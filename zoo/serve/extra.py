"""The packages that serving needs beside those of the library."""

from __future__ import annotations

from importlib.util import find_spec

NEEDED = {"fastapi": "fastapi", "uvicorn": "uvicorn", "python_multipart": "python-multipart"}
NEEDED |= {"prometheus_client": "prometheus-client"}


def check_installed() -> None:
    """Check that they are there.

    Raises:
        ImportError: one is not, with the line that installs all.
    """
    missing = [package for module, package in NEEDED.items() if find_spec(module) is None]
    if missing:
        raise ImportError(
            f"Expected {', '.join(missing)} to serve; not installed. Install: pip install 'ensemble-zoo[serve]'."
        )
