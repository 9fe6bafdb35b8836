"""When a failed request is sent again, and after how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from ..options import ChatOptions
from .failures import failure_of

if TYPE_CHECKING:
    from tenacity import AsyncRetrying, RetryCallState


def retrying(options: ChatOptions) -> AsyncRetrying:
    """Calls a function again, up to `options.retries` times, while it fails with what may pass: 429, 5xx, connections.

    Waits longer each time, and at random so that many callers do not come back at once; longer still if the server asks
    for it (Retry-After), but never longer than `options.timeout`: then the failure stands.
    """
    from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_exponential, wait_random

    pause = wait_exponential(multiplier=0.25, max=16) + wait_random(0, 0.25)

    def passing(error: BaseException) -> bool:
        if not isinstance(error, Exception):  # cancelled
            return False
        failure = failure_of(error)
        return failure.passing and (failure.wait or 0) <= options.timeout

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = failure_of(error).wait if error is not None else None
        return max(pause(state), asked or 0)

    stop = stop_after_attempt(1 + options.retries)
    return AsyncRetrying(stop=stop, wait=wait, retry=retry_if_exception(passing), sleep=anyio.sleep, reraise=True)
