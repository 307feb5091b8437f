"""``POST /explain``: which pixels of a picture the answer rests on, by occlusion, which needs predictions alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from time import monotonic
from typing import TypeVar
from urllib.parse import quote

import numpy as np
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response

from zoo.explanation.ensemble_maps import one_hot, scaled
from zoo.explanation.occlusion import occlusion_maps
from zoo.explanation.overlay import overlay
from zoo.inference.graphs import PROBABILITIES
from zoo.serve.bodies import body_of
from zoo.serve.context import Context
from zoo.serve.pipeline import Part
from zoo.serve.predicting import parts_of
from zoo.serve.refusal import malformed, too_slow
from zoo.utils.chunks import spans
from zoo.utils.text import suggestion

CLASS = "class"
T = TypeVar("T")


async def explain(request: Request, context: Context) -> Response:
    """Draw the heat map of one picture: a PNG of the model's size; the header ``X-Class`` says of which class.

    Raises:
        RefusalError: no picture, several, an unknown class, or no room in the queue.
    """
    parts = await parts_of(request, await body_of(request, context.budget), context)
    if len(parts) != 1:
        raise malformed(f"Expected one picture to explain; received {len(parts)}. Send one at a time.")
    wanted = request.query_params.get(CLASS)
    if wanted is not None and wanted not in context.model.graph.classes:
        raise malformed(_unknown(wanted, context.model.graph.classes))
    until = monotonic() + context.settings.timeout  # the wait for other maps included
    name, png = await _alone(context.explaining, partial(_drawn, context, parts[0], wanted, until))
    return Response(png, media_type="image/png", headers={"X-Class": quote(name)})


async def _alone(lock: asyncio.Lock, work: Callable[[], T]) -> T:
    """Do work in a thread that holds the lock until it ends, even where its request has given up before."""
    await lock.acquire()
    drawing = asyncio.ensure_future(asyncio.to_thread(work))

    def ended(_: asyncio.Future[T]) -> None:
        lock.release()
        drawing.exception()  # else Python logs that nobody looked at it

    drawing.add_done_callback(ended)
    await asyncio.wait([drawing])  # which does not cancel it where this is cancelled
    return drawing.result()


def _unknown(name: str, classes: Sequence[str]) -> str:
    remedy = suggestion(name, classes) or "Choose one of these."
    return f"Expected ?class= as one of {', '.join(classes)}; received {name!r}. {remedy}"


def _drawn(context: Context, part: Part, wanted: str | None, until: float) -> tuple[str, bytes]:
    """Draw the map; returns the class that it explains, and the PNG."""
    pixels = part.load()
    classes = context.model.graph.classes
    size = min(context.settings.batch, context.settings.queue)

    def probabilities(images: np.ndarray) -> np.ndarray:
        if monotonic() > until:  # nobody waits for it any more
            raise too_slow(context.settings.timeout)
        rows = [row for span in spans(len(images), size) for row in context.pipeline.answer_now(list(images[span]))]
        return np.stack([row[PROBABILITIES] for row in rows])

    images = pixels[None]
    best = int(probabilities(images)[0].argmax()) if wanted is None else classes.index(wanted)
    heat = scaled(occlusion_maps(probabilities, images, one_hot(np.array([best]), len(classes))))[0]
    file = BytesIO()
    Image.fromarray(overlay(pixels, heat)).save(file, "PNG")
    return classes[best], file.getvalue()
