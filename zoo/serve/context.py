"""What the routes of one application share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from zoo.serve.bodies import Budget
from zoo.serve.metrics import Metrics
from zoo.serve.pipeline import Pipeline
from zoo.serve.served_model import ServedModel
from zoo.serve.settings import Settings


@dataclass(frozen=True, eq=False)
class Context:
    """What the routes of one application share.

    Attributes:
        settings: sizes, times and limits.
        model: that is open.
        pipeline: from pictures to predictions.
        metrics: counts.
        budget: of bytes.
        explaining: lets one heat map be drawn at a time, which takes about 100 predictions.
    """

    settings: Settings
    model: ServedModel
    pipeline: Pipeline
    metrics: Metrics
    budget: Budget
    explaining: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def of(cls, model: ServedModel, settings: Settings, metrics: Metrics) -> Context:
        """Start the threads that answer."""
        pipeline = Pipeline(model, settings, metrics.batch, metrics.follow)
        metrics.show(model.graph.identity)
        return cls(settings, model, pipeline, metrics, Budget(settings.most_bytes))
