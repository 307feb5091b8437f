"""``zoo serve``: answer over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.common import Method
from zoo.inference import engines
from zoo.serve.settings import NEEDED, Settings, name_of
from zoo.serve.stopping import end_on_sigterm
from zoo.serve.worker import quiet_if_needed
from zoo.utils.logging import quiet_tensorflow
from zoo.utils.modules import check_installed
from zoo.utils.named_paths import destination

DEFAULT = Settings(model="")


def serve(
    model: Annotated[
        Path, typer.Argument(metavar="RUN_OR_EXPORT", help="What `zoo fit --out` or `zoo export --out` wrote.")
    ],
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 for all.")] = DEFAULT.host,
    port: Annotated[int, typer.Option(help="0 for a free one.")] = DEFAULT.port,
    method: Method = None,
    engine: Annotated[str, typer.Option(help=f"{', '.join(engines.NAMES)}; the first takes the fastest.")] = (
        engines.AUTO
    ),
    name: Annotated[
        str | None, typer.Option(help="Of the model in the V2 protocol; by default the last part of its path.")
    ] = None,
    error: Annotated[
        float, typer.Option(help="The wanted share of errors among accepted answers; the manifest has a threshold.")
    ] = DEFAULT.error,
    coverage: Annotated[
        float, typer.Option(help="The wanted probability that a set of classes holds the true one.")
    ] = DEFAULT.coverage,
    batch: Annotated[int, typer.Option(help="The most pictures that are predicted at a time.")] = DEFAULT.batch,
    wait_ms: Annotated[
        float, typer.Option(help="Milliseconds that a picture waits for others that are on their way.")
    ] = DEFAULT.wait_ms,
    queue: Annotated[int, typer.Option(help="The most pictures under way; more get 429.")] = DEFAULT.queue,
    max_megabytes: Annotated[int, typer.Option(help="Of a request's body.")] = DEFAULT.max_megabytes,
    max_megapixels: Annotated[int, typer.Option(help="Of a picture, by its header.")] = DEFAULT.max_megapixels,
    timeout: Annotated[float, typer.Option(help="Seconds that a request may take.")] = DEFAULT.timeout,
    workers: Annotated[int, typer.Option(help="Processes, each with the model in its memory.")] = DEFAULT.workers,
    without_token: Annotated[
        bool, typer.Option("--without-token", help="Let everybody in, at an address that other machines can reach.")
    ] = False,
    dockerfile: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Serve nothing; write an image's files there, and those for TF Serving."),
    ] = None,
) -> None:
    """Answer pictures over HTTP, in batches that form by themselves, with a page for people.

    Clients show the token of the environment variable ZOO_TOKEN, where it is set.
    """
    settings = Settings(
        model=str(model.expanduser()),
        method=method,
        engine=engine,
        name=name or name_of(model.expanduser()),
        error=error,
        coverage=coverage,
        host=host,
        port=port,
        batch=batch,
        wait_ms=wait_ms,
        queue=queue,
        max_megabytes=max_megabytes,
        max_megapixels=max_megapixels,
        timeout=timeout,
        workers=workers,
    )
    settings.check()
    check_installed(NEEDED, "serve", "serve")
    if dockerfile is not None:
        _write(settings, dockerfile, without_token=without_token)
        return
    end_on_sigterm()
    quiet_if_needed(settings)
    from zoo.serve.running import check_token
    from zoo.serve.running import serve as run

    check_token(settings, without_token=without_token)
    run(settings)


def _write(settings: Settings, folder: Path, *, without_token: bool) -> None:
    folder = destination(folder)
    options = settings.arguments() + (["--without-token"] if without_token else [])
    quiet_tensorflow()
    from zoo.cli.console import say
    from zoo.serve.image_files import write_image_files

    write_image_files(settings, folder, options)
    tag = settings.name.lower()  # Docker takes no others
    say(f"image: docker build -t {tag} {folder}")
    say(f"TF Serving: docker build -f {folder}/Dockerfile.tf-serving -t {tag}-tf-serving {folder}")
