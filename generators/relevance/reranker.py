"""Rerankers behind a server: `/rerank`, which vLLM shares with Jina and Cohere, and vLLM's `/score`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import anyio

from ...errors import OctavoError, ReplyFailed, ServerUnavailable, SettingsError
from ...retrievers.types import Hit
from ..chat.failures import explained, failure_of
from ..chat.loops import PerLoop
from ..chat.retries import retrying
from ..chat.server import ChatServer
from ..options import ChatOptions
from .judged import text_of

Endpoint = Literal["rerank", "score"]

_SLACK = 1e-3  # half-precision models say 1.0001 for 1


class _Form(NamedTuple):
    """How an endpoint names things: question and passages in its request, list and score in its reply."""

    question: str
    passages: str
    results: str
    score: str


_FORMS: Mapping[Endpoint, _Form] = {
    "rerank": _Form("query", "documents", "results", "relevance_score"),
    "score": _Form("text_1", "text_2", "data", "score"),
}


class Reranker:
    """A `Judge`: the scores of a served reranker, which are probabilities. All passages go in one request.

    Args:
        base_url: Of the API; `/rerank` or `/score` is added to it.
        model: Its name there.
        options: Timeout, retries and how many requests at a time; the rest is the chat model's.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        endpoint: Endpoint = "rerank",
        api_key: str | None = None,
        options: ChatOptions | None = None,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/{endpoint}"
        self._base_url = base_url
        self._model = model
        self._form = _FORMS[endpoint]
        self._api_key = api_key
        self._options = options or ChatOptions()
        self._places = PerLoop(lambda: anyio.Semaphore(self._options.concurrency))

    async def probabilities(self, question: str, hits: Sequence[Hit]) -> list[float | None]:
        """See `Judge`; never None, and raises what `scores` does."""
        return [*await self.scores(question, [text_of(hit) for hit in hits])]

    async def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """The probability of each passage.

        Raises:
            ServerUnavailable: The server does not answer, or not in time.
            SettingsError: It has no such model, or the model is no reranker.
            ReplyFailed: It refuses the request, or its reply lacks scores or holds such as are no probabilities.
        """
        form = self._form
        asked = {form.question: question, form.passages: list(passages)}
        # Longer passages are cut to what the model reads, as its tokenizer would do it.
        answer = await self._answer({"model": self._model, **asked, "truncate_prompt_tokens": -1})
        scores = self._scores(answer)
        if sorted(scores) != list(range(len(passages))):
            raise self._unreadable(f"holds scores of {len(scores)} passages instead of {len(passages)}")
        return [self._probability(scores[n]) for n in range(len(passages))]

    async def _answer(self, body: Mapping[str, Any]) -> Any:
        import httpx

        headers = {"Authorization": f"Bearer {self._api_key}"} if self._api_key else {}

        async def once(client: httpx.AsyncClient) -> Any:
            async with self._places.here():
                with anyio.fail_after(self._options.timeout):
                    response = await client.post(self._url, json=body)
            return response.raise_for_status().json()

        try:
            async with httpx.AsyncClient(headers=headers, timeout=self._options.timeout) as client:
                return await retrying(self._options)(once, client)
        except httpx.HTTPStatusError as error:
            raise await self._refusal(error) from error
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise self._explained(error) from error
        except ValueError as error:
            raise self._unreadable("is no JSON") from error

    async def _refusal(self, error: Any) -> OctavoError:
        if error.response.status_code not in (404, 405):
            return self._explained(error)
        models = f"{self._base_url.rstrip('/').removesuffix('/v1')}/v1"  # vLLM has its endpoints with and without /v1
        server = ChatServer(models, self._model, self._api_key, self._options)
        try:
            served = await server.served()
        finally:
            await server.aclose()
        if served is None or self._model in served:
            return SettingsError(
                "the server has no such endpoint: it is of another kind, or its model is no reranker",
                where=self._url,
                cure="serve a reranker (`vllm serve MODEL` of a reranker), or set relevance.endpoint to the other one",
            )
        names = ", ".join(sorted(served)) or "none"
        what = f"the server at {self._base_url} has no model {self._model!r}"
        return SettingsError(what, where="relevance.model", cure=f"models served there: {names}")

    def _explained(self, error: Exception) -> OctavoError:
        failure = failure_of(error)
        if failure.lost:
            cure = "start it, or set relevance.base_url to one that runs"
            return ServerUnavailable(f"no connection to the reranker ({failure.said})", where=self._url, cure=cure)
        if failure.status in (401, 403):
            what = f"the server refuses access ({failure.said})"
            return SettingsError(what, where=self._url, cure="set relevance.api_key")
        return explained(failure, where=self._url, timeout=self._options.timeout)

    def _scores(self, answer: Any) -> dict[int, float]:
        try:
            return {int(one["index"]): float(one[self._form.score]) for one in answer[self._form.results]}
        except (KeyError, TypeError, ValueError) as error:
            raise self._unreadable("is not what this endpoint replies") from error

    def _probability(self, score: float) -> float:
        if not -_SLACK <= score <= 1 + _SLACK:  # NaN, too
            cure = "serve a model whose scores are probabilities: a cross-encoder, with vLLM's own activation"
            raise ReplyFailed(f"a score of {score:g} is no probability", where=self._url, cure=cure)
        return min(max(score, 0.0), 1.0)

    def _unreadable(self, what: str) -> ReplyFailed:
        cure = "set relevance.base_url and relevance.endpoint to a server that speaks Jina's, Cohere's or vLLM's form"
        return ReplyFailed(f"the reply {what}", where=self._url, cure=cure)
