"""What the OpenAPI page says of bodies and answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

JSON, PNG = "application/json", "image/png"
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/tiff", "image/bmp", "image/gif")


class Prediction(BaseModel):
    """The answer to one picture; a picture without one has `name` and `error` alone."""

    model_config = ConfigDict(populate_by_name=True)
    name: str | None = Field(None, description="The file's name, where the request has one.")
    class_: str | None = Field(None, alias="class", description="The most probable class.")
    class_id: int | None = Field(None, description="Its index among the classes.")
    probability: float | None = Field(None, description="Probability of the predicted class, 0 to 1.")
    probabilities: dict[str, float] | None = Field(None, description="Probability of each class.")
    uncertainty: float | None = Field(None, description="Larger where the answer is less certain.")
    accepted: bool | None = Field(None, description="Sure enough for the wanted share of errors.")
    set: list[str] | None = Field(None, description="Classes that hold the true one with the wanted probability.")
    error: str | None = Field(None, description="Why there is no answer.")


class Predictions(BaseModel):
    """The answer to a request."""

    model: str = Field(description="The hash of the model that answered.")
    predictions: list[Prediction]
    error: str | None = Field(None, description="That of the first picture, where none has an answer.")


class Error(BaseModel):
    """Why a request has no answer, and what to do."""

    error: str


def _body(**content: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": content}}


_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "properties": {"files": _FILES}}}
_SHAPE = {"name": "shape", "in": "query", "schema": {"type": "string"}, "description": "Shape of raw pixels: N,H,W,C."}
_CLASS = {"name": "class", "in": "query", "schema": {"type": "string"}, "description": "The class to explain."}
_ENCODED = dict.fromkeys(PICTURES, _BINARY)

REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": Error, "description": "A request that cannot be understood."},
    401: {"model": Error, "description": "No token, or another one."},
    408: {"model": Error, "description": "A body that came too slowly."},
    413: {"model": Error, "description": "Too many bytes, pixels or pictures."},
    415: {"model": Error, "description": "A compressed body."},
    422: {"model": Error, "description": "No picture that can be read."},
    429: {"model": Error, "description": "The queue is full; Retry-After says in how many seconds to come again."},
    500: {"model": Error, "description": "The model or the server failed; the server's log says why."},
    503: {"model": Error, "description": "No answer in time, or a server that stops."},
}
PREDICTED = {200: {"model": Predictions, "description": "An answer or an error for each picture."}, **REFUSED}
EXPLAINED = {200: {"content": {PNG: {}}, "description": "The picture with its heat map."}, **REFUSED}
HEALTHY: dict[int | str, dict[str, Any]] = {200: {"description": "Yes."}, 503: {"description": "No."}}
TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}, "description": "Numbers."}}
MODEL: dict[int | str, dict[str, Any]] = {200: {"content": {JSON: {}}, "description": "The model."}}
PREDICTS = _body(**_ENCODED, **{"multipart/form-data": _FORM, "application/octet-stream": _BINARY}) | {
    "parameters": [_SHAPE]
}
EXPLAINS = _body(**_ENCODED) | {"parameters": [_CLASS]}
