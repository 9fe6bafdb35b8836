"""What went wrong at a provider, read from whatever its client library raises, and which of Octavo's errors that is.

Client libraries differ in their exceptions, but those over HTTP keep the status, the body and httpx's own error.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from ...errors import (
    OctavoError,
    PromptTooLong,
    ReplyFailed,
    ReplyLate,
    ServerUnavailable,
    SettingsError,
    TooManyPictures,
)

START = "start a server with `octavo vlm up`, or set vlm.base_url to one that runs"


class Failure(NamedTuple):
    """`wait` is what Retry-After asks for (s); `lost`: no connection, or it broke; `late`: nothing came in time."""

    said: str
    status: int | None = None
    wait: float | None = None
    lost: bool = False
    late: bool = False

    @property
    def passing(self) -> bool:
        """Whether the same request may well succeed a little later. Not after a timeout: that would only add load."""
        status = self.status or 0
        return self.lost or status == 429 or (status >= 500 and status != 501)


def failure_of(error: BaseException) -> Failure:
    """Reads an exception and what it was raised from."""
    import httpx

    for cause in _causes(error):
        if status := _status(cause):
            return Failure(_said(cause), status, _retry_after(cause))
        if isinstance(cause, httpx.TimeoutException | TimeoutError):
            return Failure(_said(error), late=True)
        if isinstance(cause, httpx.TransportError | ConnectionError):
            return Failure(_said(cause), lost=True)
    return Failure(_said(error))


def explained(failure: Failure, *, where: str, timeout: float) -> OctavoError:
    """The error for a request of which no reply came."""
    if failure.late:
        what, cure = f"the model did not reply within {timeout:g} s", "raise vlm.timeout, or lower vlm.concurrency"
        return ReplyLate(what, where=where, cure=cure)
    if failure.lost:
        return ServerUnavailable(f"no connection to the model ({failure.said})", where=where, cure=START)
    if failure.status in (401, 403):
        what = f"the server refuses access ({failure.said})"
        return SettingsError(what, where=where, cure="set a key that it takes: vlm.api_key, or that of the LLM given")
    if failure.status in (429, 502, 503, 504):
        what = f"the server is busy or starting ({failure.status}: {failure.said})"
        kind = ReplyLate if failure.status == 504 else ServerUnavailable  # a gateway's own limit
        return kind(what, where=where, cure="try again later, lower vlm.concurrency, or raise vlm.retries")
    if failure.status in (400, 413, 422):
        forms = "grammar" in failure.said.lower() or "schema" in failure.said.lower()
        without = "leave out of the model that you ask for what the server's JSON schemas lack" if forms else None
        refused = ReplyFailed(f"the request was refused: {failure.said}", where=where, cure=without)
        return too_long(failure.said, where) or refused
    status = f" ({failure.status})" if failure.status else ""
    return ReplyFailed(f"the model failed{status}: {failure.said}", where=where, cure="see the server's log")


def too_long(said: str, where: str) -> PromptTooLong | None:
    """What vLLM, OpenAI and their like say of too many tokens or pictures; None for any other complaint."""
    if match := _PICTURES.search(said):
        what = f"more pictures than the {match[1]} that the model takes in one prompt"
        cure = "set vlm.pictures to that, or start the server with a higher --limit-mm-per-prompt"
        return TooManyPictures(what, where=where, cure=cure)
    if "context length" not in said and "context_length" not in said:
        return None
    limit, prompt = _CONTEXT.search(said), _PROMPT.search(said)
    what = f"the prompt{f' of {prompt[1]} tokens' if prompt else ''} and its reply do not fit into the model's context"
    what += f" of {limit[1]} tokens" if limit else ""
    cure = "set vlm.context to the real limit, ask with less evidence, or serve the model with a higher --max-model-len"
    return PromptTooLong(what, where=where, cure=cure)


_PICTURES = re.compile(r"[Aa]t most (\d+) image")
_CONTEXT = re.compile(r"context length (?:is|of)(?: only)? (\d+)")
_PROMPT = re.compile(r"(?:requested|contains|has|passed|resulted in) ((?:at least )?\d+)(?: input)? tokens")


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        yield cause
        cause = cause.__cause__ or cause.__context__


def _status(error: BaseException) -> int | None:
    """The HTTP status: of the response, or inside an error that came within a stream."""
    body = getattr(error, "body", None)
    for status in (
        getattr(error, "status_code", None),
        getattr(getattr(error, "response", None), "status_code", None),
        body.get("code") if isinstance(body, Mapping) else None,
    ):
        if str(status).isdigit() and 400 <= int(str(status)) < 600:
            return int(str(status))
    return None


def _said(error: BaseException) -> str:
    body: Any = getattr(error, "body", None) or _json(getattr(error, "response", None))
    if isinstance(body, Mapping) and isinstance(body.get("error"), Mapping):
        body = body["error"]
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail") or body.get("error")
    said = body if isinstance(body, str) and body.strip() else str(error) or type(error).__name__
    return " ".join(said.split())[:500]


def _json(response: Any) -> Any:
    """What a refusal says; None where there is none, or it is a page for people."""
    try:
        return response.json() if response is not None else None
    except ValueError:
        return None


def _retry_after(error: BaseException) -> float | None:
    """Seconds, also when the header holds a date (RFC 9110, 10.2.3); None for none or nonsense."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    said = str(headers.get("retry-after") or "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", said):
        return float(said)
    try:
        return max(parsedate_to_datetime(said).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return None
