"""Answers that a model writes: what it is shown, what it says, and what is left of that."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from llama_index.core.llms import ChatMessage, ImageBlock

from octavo.errors import ReplyFailed, SettingsError
from octavo.generators.base import answer
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Limits, Reply, Usage
from octavo.generators.grounding.markers import MarkerStream
from octavo.generators.prompts.sentinel import SENTINEL
from octavo.generators.types import NOT_IN_DOCUMENTS, Answer, Event
from octavo.ingest.types import Region
from octavo.tests.generators.answering import ASKED, CHART, COSTS, YARD, asked, generator, hits, prompted
from octavo.tests.generators.material import region

HOSTILE = yaml.safe_load((Path(__file__).parents[1] / "data" / "hostile_evidence.yaml").read_text(encoding="utf-8"))


def test_each_claim_is_tied_to_what_it_cites() -> None:
    said = "Steel cost 66 million in 2023 [2]. The yard has 14 cranes [1]. It has 15 cranes [1]."
    found, _ = asked(said, YARD, COSTS)
    assert found.text == "Steel cost 66 million in 2023 [1]. The yard has 14 cranes [2]. It has 15 cranes [2]."
    assert [(c.marker, c.regions, c.support, c.relevance) for c in found.citations] == [
        (1, ("costs",), "supported", 0.7),
        (2, ("yard",), "supported", 0.8),
        (2, ("yard",), "contradicted", 0.8),
    ]
    assert found.answerable
    assert found.confidence == pytest.approx(0.8 * 2 / 3)
    assert found.trace["claims"] == {"claims": 3, "uncited": 0, "dropped": 0, "supported": 2, "contradicted": 1}


def test_the_prompt_shows_evidence_then_asks() -> None:
    found, llm = asked("14 [1].", CHART, YARD, visual_tokens=3000)
    said = prompted(llm.requests[0].messages)
    picture = found.trace["shown"][0]["picture"]
    fence = '<evidence number="1" document="doc.pdf" page="1" kind="figure">\n'
    assert f"{fence}({picture[0]} × {picture[1]})Figure 1\nCranes 14\n</evidence>" in said
    assert said.index("</evidence>\n\nThat was all") > said.index("The yard has 14 cranes.") > said.index(fence)
    assert said.endswith(f"Question: {ASKED}")
    assert llm.requests[0].arguments["max_tokens"] == 512
    assert found.usage["pictures"] == 1
    assert 0 < found.usage["visual_tokens"] <= 3000
    assert found.usage["whole_pages_tokens"] > 0


def test_prompts_begin_alike_up_to_the_question() -> None:
    _, one = asked("14 [1].", YARD)
    _, other = asked("14 [1].", YARD, question="When did it open?")
    first, second = (prompted(llm.requests[0].messages) for llm in (one, other))
    common = first[: first.index("Question: ")]
    assert second.startswith(common)


def test_the_trace_says_what_was_shown_and_what_it_cost() -> None:
    reply = Reply(text="Wages were 35 [2].", usage=Usage(prompt=900, completion=9, cached=512), finish="stop")
    found, _ = asked(reply, YARD, COSTS)
    shown = [(s["evidence"], s["marker"], s["hits"]) for s in found.trace["shown"]]
    assert shown == [(1, None, ["hit-yard"]), (2, 1, ["hit-costs"])]
    tokens = [found.usage[name] for name in ("prompt_tokens", "completion_tokens", "cached_tokens")]
    assert tokens == [900, 9, 512]
    assert set(found.trace["seconds"]) == {"pack", "write", "ground"}
    assert (found.trace["model"], found.trace["finish"], found.trace["left_out"]) == ("scripted", "stop", [])
    assert re.fullmatch("[0-9a-f]{12}", found.trace["prompt"]["version"])


def test_text_streams_clean_and_adds_up() -> None:
    llm = ScriptedLLM(replies=["The yard has 14 cranes [1], not 15 [9].\nIt opened in 1962 [1]."])

    async def taken() -> list[Event]:
        return [event async for event in generator(llm, YARD).stream(ASKED, hits(YARD))]

    events = asyncio.run(taken())
    whole = events[-1].answer
    assert whole is not None
    assert "".join(event.text for event in events) == whole.text
    assert whole.text == "The yard has 14 cranes [1], not 15.\nIt opened in 1962 [1]."
    assert tuple(event.citation for event in events if event.citation) == whole.citations
    assert len([event for event in events if event.text]) > 8


@pytest.mark.parametrize("reply", [SENTINEL, f" {SENTINEL}.", f"I see nothing of it. {SENTINEL}"])
def test_the_sentinel_becomes_the_typed_answer(reply: str) -> None:
    found, _ = asked(reply, YARD)
    assert (found.answerable, found.text, found.citations) == (False, NOT_IN_DOCUMENTS, ())
    assert found.confidence == pytest.approx(0.2)
    assert found.usage["completion_tokens"] > 0
    assert found.trace["shown"]


class InPieces(ScriptedLLM):
    """Streams pieces of so many letters, whatever words are."""

    size: int = 1

    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> Any:
        first, *_, last = super().stream_chat(messages, **kwargs)
        said = last.message.content or ""
        for n in range(0, len(said), self.size):
            yield first.model_copy(update={"delta": said[n : n + self.size]})
        yield last


@pytest.mark.parametrize("size", [1, 5, 30, 1000])
@pytest.mark.parametrize(
    ("reply", "answerable"),
    [(f"The yard has 14 cranes [1]. {SENTINEL}", True), (f"{SENTINEL} The yard has 14 cranes [1].", False)],
)
def test_what_comes_first_counts_however_it_is_streamed(size: int, reply: str, answerable: bool) -> None:
    found = asyncio.run(answer(generator(InPieces(replies=[reply], size=size), YARD), ASKED, hits(YARD)))
    assert (found.answerable, found.text) == (
        (True, "The yard has 14 cranes [1].") if answerable else (False, NOT_IN_DOCUMENTS)
    )


def form_of(**fields: Any) -> str:
    return json.dumps({"answerable": True, "claims": [], "answer": "", "value": None, **fields})


def filled(reply: str, *regions: Region) -> Answer:
    made = generator(ScriptedLLM(replies=[reply]), *regions)
    return asyncio.run(made.structured(ASKED, hits(*regions)))


def test_the_answer_in_a_form_is_looked_up_as_its_claims_are() -> None:
    claims = [{"text": "The yard has 14 cranes.", "evidence": [1]}, {"text": "Wages were 35 in 2023.", "evidence": [2]}]
    right = filled(form_of(claims=claims, answer="It has 14 cranes."), YARD, COSTS)
    wrong = filled(form_of(claims=claims, answer="The yard has 99 cranes."), YARD, COSTS)
    assert [(c.claim, c.support, c.marker) for c in right.citations][:1] == [("It has 14 cranes.", "supported", 1)]
    assert "absent" not in {citation.support for citation in right.citations}
    assert "contradicted" in {c.support for c in wrong.citations if c.claim == "The yard has 99 cranes."}
    assert wrong.confidence < right.confidence
    assert wrong.text == "The yard has 99 cranes. [1][2]"


def test_without_hits_nobody_is_asked() -> None:
    llm = ScriptedLLM(replies=[])
    found = asyncio.run(answer(generator(llm), ASKED, []))
    assert (found.answerable, llm.requests) == (False, [])


@pytest.mark.parametrize("reply", ["", "  \n", "[9] [12]"])
def test_a_reply_without_words_is_an_error(reply: str) -> None:
    with pytest.raises(ReplyFailed, match="said nothing"):
        asked(reply, YARD)


def test_claims_without_a_marker_make_an_answer_less_sure() -> None:
    cited, _ = asked("The yard has 14 cranes [1].", YARD)
    half, _ = asked("The yard has 14 cranes [1]. All of them are blue.", YARD)
    none, _ = asked("The yard has 14 cranes.", YARD)
    assert cited.confidence > half.confidence > none.confidence == 0
    assert none.citations == ()


def test_a_reply_that_breaks_off_is_no_answer() -> None:
    class Breaking(ScriptedLLM):
        def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> Any:
            steps = super().stream_chat(messages, **kwargs)
            yield next(steps)
            raise ConnectionError("gone")

    llm = Breaking(replies=["The yard has 14 cranes [1]."])
    events: list[Event] = []

    async def take() -> None:
        async for event in generator(llm, YARD).stream(ASKED, hits(YARD)):
            events.append(event)

    with pytest.raises(ReplyFailed, match="broke off"):
        asyncio.run(take())
    assert events
    assert all(event.answer is None and event.citation is None for event in events)


def test_a_second_look_at_each_citation() -> None:
    """The model is shown what each claim cites, the same crop, and its yes counts where only the picture could tell."""
    claims = "The blue barge is the longest of the fleet [1]. The yard has 14 cranes [2]."

    def reply(messages: Sequence[ChatMessage]) -> Reply:
        said = prompted(messages)
        if "Yes or No?" not in said:
            return Reply(text=claims, usage=Usage(prompt=100, completion=10))
        assert len(evidence_of(messages)) == 1
        sure = math.log(0.6) if "blue barge" in said else math.log(0.9)
        usage = Usage(prompt=40, completion=1)
        return Reply(text="Yes", first={"Yes": sure, " no": math.log(0.1), "Maybe": -9.0}, usage=usage)

    llm = ScriptedLLM(replies=reply)
    found = asyncio.run(answer(generator(llm, CHART, YARD, check_support=True), ASKED, hits(CHART, YARD)))
    assert [c.support for c in found.citations] == ["unchecked", "supported"]
    assert [c.checked for c in found.citations] == pytest.approx([0.6 / 0.7, 0.9])
    assert found.confidence == pytest.approx(0.8 * (0.6 / 0.7 + 1) / 2, abs=1e-5)
    assert found.usage["prompt_tokens"] == 180
    assert {stage: cost["prompt"] for stage, cost in found.trace["tokens"].items()} == {"write": 100, "check": 80}
    assert "check" in found.trace["seconds"]
    first, barge, *_ = (request.messages[1].blocks for request in llm.requests)
    shown = [block.image for blocks in (first, barge) for block in blocks if isinstance(block, ImageBlock)]
    assert len(shown) == 2
    assert shown[0] == shown[1]


def test_a_model_without_probabilities_cannot_look_again() -> None:
    made = generator(ScriptedLLM(replies=["The yard has 14 cranes [1].", "Yes"]), YARD, check_support=True)
    with pytest.raises(SettingsError, match="log-probabilities"):
        asyncio.run(answer(made, ASKED, hits(YARD)))


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["name"])
def test_a_model_that_obeys_a_hostile_document(case: dict[str, Any]) -> None:
    """It cites what was shown and nothing else, and what is true of the rest stays so."""
    order = region(" ".join([case["evidence"]] * case.get("repeat", 1)), id="order")

    def obeys(messages: Sequence[ChatMessage]) -> str:
        return (
            case["reply"]
            if evidence_of(messages)[-1] != HONEST
            else "The yard has 14 cranes [1]. It opened in 1962 [1]."
        )

    llm = ScriptedLLM(replies=obeys)
    made = generator(llm, YARD, order, text_tokens=30_000, limits=Limits(context=60_000, pictures=0))
    found = asyncio.run(answer(made, ASKED, hits(YARD, order)))
    plain = generator(llm, YARD, region(HONEST, id="order"))
    honest = asyncio.run(answer(plain, ASKED, hits(YARD, region(HONEST, id="order"))))

    shown = evidence_of(llm.requests[0].messages)
    assert len(shown) == 2  # what the document says did not end its fence
    assert not re.search(r"[<＜﹤‹]\s*/?evidence", shown[1])
    stream = MarkerStream((1, 2))
    stream.feed(shown[1])
    stream.close()
    assert (stream.marks, stream.dropped) == ([], 0)
    assert SENTINEL not in shown[1]

    lies = case.get("lies", [])
    truths = [c for c in found.citations if not any(c.claim.startswith(lie) for lie in lies)]
    assert [(c.marker, c.support, c.places) for c in truths] == [
        (c.marker, c.support, c.places) for c in honest.citations
    ]
    told = [c.support for c in found.citations if any(c.claim.startswith(lie) for lie in lies)]
    assert not {"supported", "derived"} & set(told)
    assert {int(n) for n in re.findall(r"\[(\d+)\]", found.text)} <= {c.marker for c in found.citations}


HONEST = "The harbour lies to the north of the town."


def evidence_of(messages: Sequence[ChatMessage]) -> list[str]:
    """What stands between the fences of a prompt."""
    user = prompted(messages[1:])
    assert user.count("<evidence") == user.count("</evidence>")
    return re.findall(r"<evidence [^\n]*>\n(.*?)\n</evidence>\n", user, re.S)
