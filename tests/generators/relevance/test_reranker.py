"""Rerankers, against the local server; and what becomes of candidates that are judged by a model."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import anyio
import pytest

from octavo.errors import OctavoError, ReplyFailed, ServerUnavailable, SettingsError
from octavo.generators.options import ChatOptions
from octavo.generators.relevance.judged import JudgedRelevance
from octavo.generators.relevance.reranker import Endpoint, Reranker
from octavo.ingest.types import BBox, Place
from octavo.pipelines.build import build_reranker
from octavo.pipelines.settings import Settings
from octavo.retrievers.cutoff import up_to_k
from octavo.retrievers.types import Hit, Query, Ref
from octavo.tests.generators.chat.server import MODEL, Fate, Handler, Server, refused, reset, serving


def hit(n: int, text: str = "text", context: str = "", score: float | None = None) -> Hit:
    return Hit(
        ref=Ref(kind="passage", id=str(n), document="doc", version="v"),
        places=(Place(1, BBox(0, 0, 1, 1)),),
        score=-n if score is None else score,
        text=text,
        context=context,
    )


HITS = [hit(0, "Revenue was 4.5 m."), hit(1, "Costs fell.", "Report > Costs")]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as host:
        host.paths = {"/v1/rerank", "/v1/score"}
        yield host


def said(body: Any) -> Fate:
    return lambda to, _: to.answer(200, body)


def ranked(*pairs: tuple[int, float]) -> Fate:
    return said({"results": [{"index": n, "relevance_score": score} for n, score in pairs]})


def dribble(to: Handler) -> None:
    """A reply that never comes to its end, though something always comes."""
    to.send_response(200)
    to.send_header("Content-Length", "1000")
    to.end_headers()
    while not to.wait_for_hang_up(0.1):
        to.wfile.write(b" ")


def judged(server: Server, endpoint: Endpoint = "rerank", **more: Any) -> Sequence[float | None]:
    options = ChatOptions(**{"timeout": 5.0, "retries": 1} | more.pop("options", {}))
    reranker = Reranker(server.base_url, more.pop("model", MODEL), endpoint=endpoint, options=options, **more)
    return anyio.run(reranker.probabilities, "How much revenue?", HITS)


def test_rerank_in_the_form_of_jina_and_cohere_best_first(server: Server) -> None:
    server.fates = [ranked((1, 0.9), (0, 0.2))]
    assert judged(server, api_key="ours") == [0.2, 0.9]
    assert server.asked == [
        {
            "model": MODEL,
            "query": "How much revenue?",
            "documents": ["Revenue was 4.5 m.", "Report > Costs\nCosts fell."],
            "truncate_prompt_tokens": -1,
        }
    ]
    assert server.keys == ["Bearer ours"]


def test_score_in_the_form_of_vllm(server: Server) -> None:
    server.fates = [said({"data": [{"index": 0, "score": 1.0004}, {"index": 1, "score": 0.1}]})]
    assert judged(server, "score") == [1.0, 0.1]
    assert (server.asked[0]["text_1"], len(server.asked[0]["text_2"])) == ("How much revenue?", 2)


def test_what_passes_is_tried_again(server: Server) -> None:
    server.fates = [refused(503, "starting"), ranked((0, 0.5), (1, 0.5))]
    assert judged(server) == [0.5, 0.5]
    server.fates = [reset, ranked((0, 0.5), (1, 0.5))]
    assert judged(server) == [0.5, 0.5]
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("fate", "error", "expected"),
    [
        (ranked((0, 0.5)), ReplyFailed, "1 passages instead of 2"),
        (ranked((0, 0.5), (7, 0.5)), ReplyFailed, "2 passages instead of 2"),
        (ranked((0, 0.5), (1, -3.0)), ReplyFailed, "-3 is no probability"),
        (ranked((0, math.nan), (1, 0.5)), ReplyFailed, "nan is no probability"),
        (said({"results": [{"index": 0}]}), ReplyFailed, "not what this endpoint replies"),
        (said(["what"]), ReplyFailed, "not what this endpoint replies"),
        (refused(400, "documents: too many", "BadRequestError"), ReplyFailed, "refused: documents: too many"),
        (refused(401, "Unauthorized"), SettingsError, "relevance.api_key"),
        (lambda to, _: to.wait_for_hang_up(), ServerUnavailable, "did not reply within 0.3 s"),
        (lambda to, _: dribble(to), ServerUnavailable, "did not reply within 0.3 s"),
    ],
)
def test_other_replies(server: Server, fate: Fate, error: type[OctavoError], expected: str) -> None:
    server.fates = [fate]
    with pytest.raises(error, match=expected):
        judged(server, options={"timeout": 0.3, "retries": 0})


def test_no_more_requests_at_a_time_than_allowed(server: Server) -> None:
    def slow(to: Handler, body: dict[str, Any]) -> None:
        time.sleep(0.05)
        ranked((0, 0.2), (1, 0.9))(to, body)

    server.fates = [slow] * 6
    reranker = Reranker(server.base_url, MODEL, options=ChatOptions(concurrency=2))

    async def run() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(reranker.probabilities, "How much revenue?", HITS)

    anyio.run(run)
    assert (len(server.asked), server.most) == (6, 2)


def test_an_unknown_model_and_a_model_that_is_no_reranker(server: Server) -> None:
    server.fates = [refused(404, "The model `bge` does not exist.", "NotFoundError")]
    with pytest.raises(SettingsError, match="has no model 'bge'") as caught:
        judged(server, model="bge")
    assert caught.value.cure == f"models served there: {MODEL}"
    server.base_url = server.base_url.removesuffix("/v1")
    server.paths = {"/rerank"}
    server.fates = [refused(404, "The model `bge` does not exist.", "NotFoundError")]
    with pytest.raises(SettingsError, match="has no model 'bge'"):
        judged(server, model="bge")
    server.paths = set()
    with pytest.raises(SettingsError, match="no such endpoint"):
        judged(server)


def test_nobody_there() -> None:
    with serving() as host:
        pass
    with pytest.raises(ServerUnavailable, match="no connection to the reranker") as caught:
        judged(host, options={"retries": 0})
    assert "relevance.base_url" in str(caught.value.cure)


@pytest.mark.parametrize("missing", ["base_url", "model"])
def test_what_must_be_set(missing: str) -> None:
    said: Mapping[str, str] = {"base_url": "http://x/v1", "model": "bge"}
    relevance = {"kind": "rerank", **{key: value for key, value in said.items() if key != missing}}
    with pytest.raises(SettingsError) as caught:
        build_reranker(Settings.checked({"relevance": relevance}))
    assert caught.value.where == f"relevance.{missing}"


class Fixed:
    """Judges by the numbers of the hits."""

    def __init__(self, given: Mapping[str, float | None]) -> None:
        self.given = given
        self.asked: list[str] = []

    async def probabilities(self, question: str, hits: Sequence[Hit]) -> list[float | None]:
        self.asked = [hit.ref.id for hit in hits]
        return [self.given[hit.ref.id] for hit in hits]


def test_the_best_are_judged_and_the_others_are_no_evidence(caplog: pytest.LogCaptureFixture) -> None:
    judge = Fixed({"2": 0.9, "3": None, "0": 0.6})
    hits = [hit(0, score=1), hit(1, score=0), hit(2, score=3), hit(3, score=2), hit(4, score=-1)]
    found = anyio.run(JudgedRelevance(judge, None, 3).score, Query(text="?"), hits)
    assert judge.asked == ["2", "3", "0"]
    assert [one.ref.id for one in found] == ["0", "1", "2", "3", "4"]
    assert [one.relevance for one in found] == [0.6, None, 0.9, None, None]
    assert found[2].score == pytest.approx(math.log(9))
    assert [one.ref.id for one in sorted(found, key=lambda one: -one.score)] == ["2", "0", "3", "1", "4"]
    assert [one.via for one in found] == [{}, {}, {}, {"unjudged": 1.0}, {}]
    assert "of 3 passages 1 were not judged" in caplog.text
    assert [one.ref.id for one in up_to_k(found, 5, 0.5)] == ["2", "0"]


def test_late_interaction_orders_first() -> None:
    class Reversed:
        async def score(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
            return [one.model_copy(update={"score": -one.score, "answerable": 0.1}) for one in hits]

    judge = Fixed({"4": 1.0, "3": 0.0})
    found = anyio.run(JudgedRelevance(judge, Reversed(), 2).score, Query(text="?"), [hit(n) for n in range(5)])
    assert judge.asked == ["4", "3"]
    assert [one.relevance for one in found] == [None, None, None, 0.0, 1.0]
    assert {one.answerable for one in found} == {None}
    assert found[4].score == pytest.approx(30)
    assert found[3].score == pytest.approx(-30)
    assert anyio.run(JudgedRelevance(judge, Reversed(), 2).score, Query(text="?"), []) == []
