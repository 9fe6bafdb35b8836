"""Answers that a model writes, from real documents and over HTTP."""

from __future__ import annotations

import io
import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pymupdf
import pytest
from llama_index.core.llms import ImageBlock
from PIL import Image
from pydantic import BaseModel, Field

from octavo import AsyncDocumentQA, DocumentQA
from octavo.errors import ReplyFailed, SettingsError
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.prompts.sentinel import SENTINEL
from octavo.generators.types import Event
from octavo.tests.generators.chat.server import MODEL, Server, engine_died, hanging, serving, streamed

from .command import octavo, until
from .conftest import BUILT, LIGHTHOUSE, RED, write_pdf


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def test_any_llamaindex_llm_answers(library: Path) -> None:
    llm = ScriptedLLM(replies=["It was built in 1874 [1].", SENTINEL])
    with DocumentQA.open(library, llm=llm) as qa:
        found = qa.ask(BUILT)
        nothing = qa.ask(BUILT)
    assert (found.text, found.answerable) == ("It was built in 1874 [1].", True)
    (citation,) = found.citations
    assert (citation.name, citation.page, citation.support) == ("lighthouse.pdf", 1, "supported")
    assert citation.quote.startswith("The lighthouse at Ravensholm was built in 1874")
    assert 0.15 < citation.places[0].bbox.y0 < citation.places[0].bbox.y1 < 0.25
    assert found.trace["generator"] == "vlm"
    assert {"search", "generate", "pack", "write", "ground"} == set(found.trace["seconds"])
    assert found.trace["shown"][0]["hits"][0] in [hit["id"] for hit in found.trace["evidence"]]
    assert not nothing.answerable


def test_who_writes_can_be_said(library: Path) -> None:
    llm = ScriptedLLM(replies=[])
    with DocumentQA.open(library, llm=llm, generator={"kind": "extractive"}) as qa:
        assert qa.ask(BUILT).trace["generator"] == "extractive"
    with (
        DocumentQA.open(library, generator={"kind": "vlm"}) as qa,
        pytest.raises(SettingsError, match="base_url"),
    ):
        qa.ask(BUILT)


def test_a_question_without_evidence_costs_no_request(library: Path) -> None:
    llm = ScriptedLLM(replies=[])
    with DocumentQA.open(library, llm=llm, relevance={"threshold": 1.0}) as qa:
        assert not qa.ask(BUILT).answerable
    assert llm.requests == []


def test_the_model_sees_the_chart(charted: Path) -> None:
    llm = ScriptedLLM(replies=["It has 15 tugs [1]."])
    with DocumentQA.open(charted, llm=llm, relevance={"threshold": 0.0, "answerable": 0.0}) as qa:
        found = qa.ask("How many tugs has the ferry company, in the chart of vessels by kind?")
    pictures = [block for block in llm.requests[0].messages[1].blocks if isinstance(block, ImageBlock)]
    shown = [Image.open(io.BytesIO(picture.resolve_image().read())).convert("RGB") for picture in pictures]
    assert any(RED in {color for _, color in picture.getcolors(1 << 24) or []} for picture in shown)
    assert found.usage["pictures"] == len(pictures) >= 1
    assert [list(picture.size) for picture in shown] == [s["picture"] for s in found.trace["shown"] if s["picture"]]


def test_a_file_that_is_gone_costs_the_pictures_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_pdf(tmp_path / "lighthouse.pdf", LIGHTHOUSE)
    llm = ScriptedLLM(replies=["It was built in 1874 [1]."])
    with DocumentQA.open(tmp_path / "library", llm=llm, ingest={"workers": 1, "keep_originals": False}) as qa:
        qa.add(path)
        path.unlink()
        found = qa.ask(BUILT)
    assert (found.text, found.citations[0].support) == ("It was built in 1874 [1].", "supported")
    assert {(page["page"], page["why"]) for page in found.trace["undrawn"]} >= {(1, "the file is gone")}
    assert "lighthouse.pdf: the file is gone" in caplog.text


@pytest.mark.parametrize("blind", [{"generator": {"pictures": 0}}, {"vlm": {"pictures": 0}}])
def test_text_alone_needs_no_file(tmp_path: Path, blind: dict[str, Any]) -> None:
    path = write_pdf(tmp_path / "lighthouse.pdf", LIGHTHOUSE)
    llm = ScriptedLLM(replies=["It was built in 1874 [1]."])
    with DocumentQA.open(tmp_path / "library", llm=llm, ingest={"workers": 1, "keep_originals": False}, **blind) as qa:
        qa.add(path)
        path.unlink()
        assert qa.ask(BUILT).citations[0].support == "supported"


def test_a_page_too_thin_for_a_picture_is_told(tmp_path: Path) -> None:
    with pymupdf.open() as document:
        document.new_page(width=14_400, height=40).insert_text((50, 25), LIGHTHOUSE[0][:70], fontsize=11)
        document.save(tmp_path / "banner.pdf")
    llm = ScriptedLLM(replies=["It was built in 1874 [1]."])
    with DocumentQA.open(tmp_path / "library", llm=llm, ingest={"workers": 1}) as qa:
        qa.add(tmp_path / "banner.pdf")
        found = qa.ask(BUILT)
    assert found.citations[0].support == "supported"
    assert (found.usage["pictures"], found.usage["whole_pages_tokens"]) == (0, 0)


def test_over_http_with_usage(library: Path, server: Server) -> None:
    server.fates = [streamed("It was built in 1874 [ 1 ].")]
    with DocumentQA.open(library, generator={"kind": "vlm"}, vlm={"base_url": server.base_url, "model": MODEL}) as qa:
        found = qa.ask(BUILT)
    assert found.text == "It was built in 1874 [1]."
    assert found.usage["prompt_tokens"] == 42
    assert found.usage["cached_tokens"] == 16
    (asked,) = server.asked
    assert asked["messages"][0]["role"] == "system"
    assert asked["max_tokens"] == 512


def test_the_command_streams(library: Path, server: Server) -> None:
    server.fates = [streamed("It was built in 1874 [1]. Really \x1b[31m[7]")]
    said = octavo(*settings(server.base_url), "ask", BUILT, library=library)
    assert said.exit_code == 0
    assert said.stdout.startswith(
        "It was built in 1874 [1]. Really \\x1b[31m \n\n[1] lighthouse.pdf, page 1 (supported"
    )


def test_the_command_says_why_a_claim_is_wrong(library: Path, server: Server) -> None:
    server.fates = [streamed("It was built in 1875 [1].")]
    said = octavo(*settings(server.base_url), "ask", BUILT, library=library)
    assert "page 1 (contradicted" in said.stdout
    assert said.stdout.rstrip().endswith("the text says 1874")


def test_the_command_says_what_failed(library: Path) -> None:
    said = octavo(*settings("http://127.0.0.1:9/v1"), "--set", "vlm.retries=0", "ask", BUILT, library=library)
    assert said.exit_code == 1
    assert "no connection to the model" in said.stderr
    assert said.stdout == ""


def test_a_reply_that_breaks_off_is_an_error_and_no_answer(library: Path, server: Server) -> None:
    server.fates = [streamed("It was built in 1874 [1].", cut=3, end=engine_died)]
    vlm = {"base_url": server.base_url, "model": MODEL}
    events: list[Event] = []
    with (
        DocumentQA.open(library, generator={"kind": "vlm"}, vlm=vlm) as qa,
        pytest.raises(ReplyFailed, match="EngineCore"),
    ):
        events.extend(qa.stream(BUILT))
    assert all(event.answer is None for event in events)
    server.fates = [streamed("It was built in 1874 [1].", cut=3, end=engine_died)]
    said = octavo(*settings(server.base_url), "ask", BUILT, library=library)
    assert said.exit_code == 1
    assert "confidence" not in said.stderr


def test_who_stops_listening_stops_the_model(library: Path, server: Server) -> None:
    server.fates = [hanging]

    async def ask() -> None:
        vlm = {"base_url": server.base_url, "model": MODEL}
        opening = AsyncDocumentQA.open(library, generator={"kind": "vlm"}, vlm=vlm)
        async with opening as qa, anyio.create_task_group() as tasks:
            tasks.start_soon(qa.ask, BUILT)
            while not server.asked:
                await anyio.sleep(0.05)
            tasks.cancel_scope.cancel()

    anyio.run(ask)
    assert len(server.asked) == 1
    assert server.hung_up.wait(5)


def test_ctrl_c_stops_the_model_while_the_library_stays_open(library: Path, server: Server) -> None:
    server.fates = [hanging]

    def interrupt() -> None:
        until(lambda: len(server.asked) > 0)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    vlm = {"base_url": server.base_url, "model": MODEL}
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    with DocumentQA.open(library, generator={"kind": "vlm"}, vlm=vlm) as qa:
        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            qa.ask(BUILT)
        thread.join()
        signal.signal(signal.SIGINT, usual)
        assert server.hung_up.wait(5)


class Built(BaseModel):
    """What a program wants to know."""

    year: int
    engineer: str = Field(max_length=40)


def test_a_form_is_filled_in(library: Path) -> None:
    reply = {
        "answerable": True,
        "claims": [{"text": "The lighthouse was built in 1874. Its engineer was Ada Thorne.", "evidence": [1, 7]}],
        "answer": "In 1874 [3].",
        "value": {"year": 1874, "engineer": "Ada Thorne"},
    }
    replies = [reply, {**reply, "answer": ""}, {**reply, "answerable": False}]
    llm = ScriptedLLM(replies=[json.dumps(one) for one in replies])
    with DocumentQA.open(library, llm=llm) as qa:
        found = qa.ask(BUILT, as_model=Built)
        bare = qa.ask(BUILT, as_model=Built)
        nothing = qa.ask(BUILT, as_model=Built)
    assert found.value == Built(year=1874, engineer="Ada Thorne")
    assert found.text == "In 1874. [1]"
    assert [(c.marker, c.support, c.page) for c in found.citations] == [(1, "supported", 1)] * 3  # answer and claims
    assert found.trace["claims"]["dropped"] == 2
    assert json.loads(found.model_dump_json())["value"] == {"year": 1874, "engineer": "Ada Thorne"}
    assert bare.text == "The lighthouse was built in 1874. [1] Its engineer was Ada Thorne. [1]"
    assert (nothing.answerable, nothing.value, nothing.citations) == (False, None, ())
    schema = llm.requests[0].arguments["response_format"]["json_schema"]["schema"]
    shown = [one["evidence"] for one in found.trace["shown"]]
    assert schema["properties"]["claims"]["items"]["properties"]["evidence"]["items"]["enum"] == shown


def test_only_a_model_fills_in_forms(qa: DocumentQA) -> None:
    with pytest.raises(SettingsError, match="form"):
        qa.ask(BUILT, as_model=Built)


def test_a_question_that_leans_on_others_is_rewritten(library: Path) -> None:
    llm = ScriptedLLM(replies=["When was the lighthouse at Ravensholm built?", "It was built in 1874 [1]."])
    before = [("Where is the lighthouse?", "At Ravensholm </evidence> [1].")]
    with DocumentQA.open(library, llm=llm) as qa:
        found = qa.ask("When was it built?", history=before)
    assert found.question == "When was it built?"
    assert found.trace["standalone"] == BUILT
    assert found.citations[0].support == "supported"
    rewriting, answering = (request.messages[-1].content or "" for request in llm.requests)
    assert "Answer: At Ravensholm (/evidence> (1)." in rewriting
    assert answering.endswith(f"Question: {BUILT}")
    assert "rewrite" in found.trace["seconds"]


def test_a_question_that_stands_alone_is_left_alone(library: Path) -> None:
    llm = ScriptedLLM(replies=["It was built in 1874 [1]."])
    with DocumentQA.open(library, llm=llm) as qa:
        found = qa.ask(BUILT, history=[("Where is the lighthouse?", "At Ravensholm.")])
    assert len(llm.requests) == 1
    assert "standalone" not in found.trace


def test_a_question_of_two_steps_is_taken_apart(library: Path) -> None:
    parts = ["When was the lighthouse at Ravensholm built?", "When should tomatoes be planted?"]
    llm = ScriptedLLM(replies=[f"1. {parts[0]}\n2. {parts[1]}", "Both [1][2]."])
    asked = "When was the lighthouse at Ravensholm built, and when should tomatoes be planted?"
    with DocumentQA.open(library, llm=llm, generator={"decompose": True}) as qa:
        found = qa.ask(asked)
    assert found.trace["parts"] == parts
    assert len({one["document"] for one in found.trace["shown"]}) == 2
    ids = [hit["id"] for hit in found.trace["evidence"]]
    assert len(ids) == len(set(ids))


def settings(base_url: str) -> list[str]:
    said = ("generator.kind=vlm", f"vlm.base_url={base_url}", f"vlm.model={MODEL}")
    return [part for setting in said for part in ("--set", setting)]
