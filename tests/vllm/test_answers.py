"""The chat model, answers and descriptions with a real vLLM. Its model makes no sense: the rest must."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import anyio
import httpx
import pytest
from PIL import Image
from pydantic import BaseModel, Field

from octavo import DocumentQA
from octavo.errors import PromptTooLong, ReplyFailed, ServerUnavailable, SettingsError
from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.messages import message
from octavo.generators.chat.types import Limits
from octavo.generators.chat.vllm import vllm_chat
from octavo.generators.options import ChatOptions
from octavo.generators.vision.schemas import schema_of
from octavo.generators.vision.structured import read
from octavo.tests.generators.test_schemas import Ferry, Register, Tug
from octavo.tests.pipelines.command import alive, descendants, octavo, process, until
from octavo.tests.pipelines.conftest import BUILT
from octavo.tests.pipelines.conftest import charted as charted
from octavo.tests.pipelines.conftest import documents as documents
from octavo.tests.pipelines.conftest import library as library
from octavo.tests.vllm.conftest import CONTEXT, MODEL, PICTURES, Served, served

pytestmark = pytest.mark.vllm
T = TypeVar("T")

ENDLESS: dict[str, Any] = {"extra_body": {"ignore_eos": True}}
WORDY = {"temperature": 1.0, "extra_body": {"seed": 1, "ignore_eos": True}}
SAY = message("Say something about harbours.")


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (256, 128), colour).save(out, "PNG")
    return out.getvalue()


def asked(vllm: Served, ask: Callable[[LlamaIndexChat], Awaitable[T]], model: str = MODEL, **options: Any) -> T:
    async def run() -> T:
        chat = vllm_chat(ChatOptions(base_url=vllm.url, model=model, retries=1, **options))
        try:
            return await ask(chat)
        finally:
            await chat.aclose()

    return anyio.run(run)


def running(vllm: Served) -> float:
    """Requests that vLLM works on."""
    lines = httpx.get(f"{vllm.address}/metrics").text.splitlines()
    (found,) = (line for line in lines if line.startswith("vllm:num_requests_running"))
    return float(found.rsplit(" ", 1)[1])


def test_the_servers_limits_are_known(vllm: Served) -> None:
    assert asked(vllm, lambda chat: chat.limits()) == Limits(context=CONTEXT, pictures=PICTURES)


def test_a_stream_says_what_a_whole_reply_says_and_counts_the_same(vllm: Served) -> None:
    async def both(chat: LlamaIndexChat) -> None:
        whole = await chat.complete([SAY], max_tokens=16)
        async with aclosing(chat.stream([SAY], max_tokens=16)) as stream:
            pieces = [piece async for piece in stream]
        assert "".join(piece.text for piece in pieces) == whole.text != ""
        assert sum(bool(piece.text) for piece in pieces) > 1
        (usage,) = [piece.usage for piece in pieces if piece.usage]
        assert whole.usage is not None
        assert (usage.prompt, usage.completion) == (whole.usage.prompt, whole.usage.completion)
        assert usage.completion == 16
        assert (whole.finish, pieces[-1].finish or pieces[-2].finish) == ("length", "length")

    asked(vllm, both, **ENDLESS)


def test_a_reply_that_comes_to_its_end_says_so(vllm: Served) -> None:
    async def both(chat: LlamaIndexChat) -> None:
        whole = await chat.complete([SAY], max_tokens=500)
        async with aclosing(chat.stream([SAY], max_tokens=500)) as stream:
            pieces = [piece async for piece in stream]
        assert "".join(piece.text for piece in pieces) == whole.text != ""
        assert (whole.finish, {piece.finish for piece in pieces}) == ("stop", {None, "stop"})
        assert whole.usage is not None
        assert 1 < whole.usage.completion < 500

    asked(vllm, both, temperature=1.0, extra_body={"seed": 1})


def test_a_schema_is_kept_to_whatever_the_model_likes(vllm: Served) -> None:
    schema = {
        "type": "object",
        "properties": {
            "answer": {"type": "string", "maxLength": 12},
            "evidence": {"type": "array", "items": {"enum": [1, 2]}, "minItems": 1, "maxItems": 2},
        },
        "required": ["answer", "evidence"],
        "additionalProperties": False,
    }
    reply = asked(vllm, lambda chat: chat.complete([SAY], max_tokens=200, schema=schema))
    said = json.loads(reply.text)
    assert set(said) == {"answer", "evidence"}
    assert set(said["evidence"]) <= {1, 2}


def test_several_pictures_are_seen(vllm: Served) -> None:
    async def told(chat: LlamaIndexChat) -> list[tuple[int, dict[str, float]]]:
        found = []
        for colours in (("red",), ("blue",), ("red", "blue", "white")):
            shown = message(*map(picture, colours), "What is this?")
            reply = await chat.complete([shown], max_tokens=1, top_logprobs=5)
            assert reply.usage is not None
            found.append((reply.usage.prompt, reply.first))
        return found

    (one, red), (same, blue), (three, _) = asked(vllm, told)
    assert one == same < three
    # 256 × 128 pixels are 8 × 4 tokens of the model's; two more mark where a picture begins and ends.
    assert three - one == 2 * (8 * 4 + 2)
    assert len(red) == 5
    assert red != blue


def test_too_many_pictures_or_words_are_told_with_the_limit(vllm: Served) -> None:
    many = message(*[picture("red")] * (PICTURES + 1), "What is this?")
    with pytest.raises(PromptTooLong, match=str(PICTURES)):
        asked(vllm, lambda chat: chat.complete([many], max_tokens=4))
    with pytest.raises(PromptTooLong, match=str(CONTEXT)):
        asked(vllm, lambda chat: chat.complete([message("word " * 3 * CONTEXT)], max_tokens=4))


def test_a_model_of_another_name_is_told_with_those_there_are(vllm: Served) -> None:
    with pytest.raises(SettingsError, match=MODEL):
        asked(vllm, lambda chat: chat.complete([SAY], max_tokens=4), model="large")


def test_what_nobody_waits_for_any_more_ends_at_the_server(vllm: Served) -> None:
    async def ended(chat: LlamaIndexChat) -> None:
        with anyio.fail_after(20):
            while running(vllm):
                await chat.complete([SAY], max_tokens=1)  # vLLM counts at its steps, and without work it makes none

    async def given_up(chat: LlamaIndexChat) -> None:
        async with aclosing(chat.stream([SAY], max_tokens=3000)) as stream:
            async for piece in stream:
                if piece.text:
                    break
            with anyio.fail_after(20):
                while not running(vllm):  # which is told a moment later
                    await anyio.sleep(0.01)
        await ended(chat)
        with anyio.move_on_after(1):
            await chat.complete([SAY], max_tokens=3000)
        await ended(chat)

    asked(vllm, given_up, **ENDLESS)


class Found(BaseModel):
    year: int = Field(ge=0, le=9999)


def to_ask(vllm: Served, model: Path, max_tokens: int = 1024, **options: Any) -> dict[str, Any]:
    """The settings with which the model writes answers."""
    generator = {"kind": "vlm", "max_tokens": max_tokens, "processor": str(model)}
    return {"generator": generator, "vlm": {"base_url": vllm.url, "model": MODEL, **options}}


def test_a_library_is_asked(vllm: Served, library: Path, tiny_vlm: Path) -> None:
    wordy: dict[str, Any] = {"temperature": 1.0, "extra_body": {"seed": 1}}
    with DocumentQA.open(library, read_only=True, **to_ask(vllm, tiny_vlm, **wordy)) as qa:
        events = list(qa.stream(BUILT))
        answer = events[-1].answer
        assert answer is not None
        assert answer.usage["prompt_tokens"] > 100
        assert 1 < answer.usage["completion_tokens"] < 1024
        assert answer.trace["model"] == MODEL
        assert {citation.marker for citation in answer.citations} <= set(range(1, 10))


def test_forms_come_back_whole_whatever_is_in_them(vllm: Served, library: Path, tiny_vlm: Path) -> None:
    """Of a model that fills in what it likes: until there was a value with claims, one without, and no answer."""
    seen: set[tuple[bool, bool, bool]] = set()
    with DocumentQA.open(library, read_only=True, **to_ask(vllm, tiny_vlm, temperature=1.0)) as qa:
        pages = {(document.id, n + 1) for document in qa.documents() for n in range(document.page_count)}
        while not {(True, True, True), (True, False, True), (False, False, False)} <= seen:
            answer = qa.ask(BUILT, as_model=Found)
            seen.add((answer.answerable, answer.value is not None, bool(answer.citations)))
            assert answer.trace["finish"] == "stop"
            assert answer.usage["completion_tokens"] < 1024
            assert answer.value is None or isinstance(answer.value, Found)
            assert {citation.marker for citation in answer.citations} <= set(range(1, 1 + len(answer.trace["shown"])))
            assert {(citation.document, citation.page) for citation in answer.citations} <= pages
            assert answer.text
    assert not {(False, True, True), (False, True, False), (False, False, True)} & seen


class Harbour(BaseModel):
    """Any reply that fits its schema fits it."""

    names: set[Literal["Aln", "Bos"]]
    vessel: Annotated[Tug | Ferry, Field(discriminator="kind")]
    tons: dict[Literal["coal", "ore"], Annotated[int, Field(ge=0, le=9)]]


def test_models_of_all_kinds_are_forms_that_vllm_takes(vllm: Served) -> None:
    async def filled(chat: LlamaIndexChat) -> None:
        begun = await chat.complete([SAY], max_tokens=8, schema=schema_of([1], Register))
        assert begun.text.startswith('{"answerable":')
        value = None
        while value is None:
            reply = await chat.complete([SAY], max_tokens=2048, schema=schema_of([1], Harbour))
            value = read(reply, [1], Harbour, MODEL).value
        assert isinstance(value, Harbour)

    asked(vllm, filled, temperature=1.0)


def test_a_form_that_is_cut_off_is_no_answer(vllm: Served, library: Path, tiny_vlm: Path) -> None:
    with (
        DocumentQA.open(library, read_only=True, **to_ask(vllm, tiny_vlm, max_tokens=20)) as qa,
        pytest.raises(ReplyFailed, match="the structured reply was cut off"),
    ):
        qa.ask(BUILT, as_model=Found)


def test_descriptions_are_kept_listed_and_found(vllm: Served, charted: Path, tiny_vlm: Path, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    shutil.copytree(charted, folder)
    env = {"OCTAVO__VLM__BASE_URL": vllm.url, "OCTAVO__VLM__MODEL": MODEL, "OCTAVO__VLM__TEMPERATURE": "1"}
    env |= {"OCTAVO__GENERATOR__PROCESSOR": str(tiny_vlm), "OCTAVO_LIBRARY": str(folder)}
    described = process("describe", "--kind", "figure", "--json", **os.environ, **env)
    assert described.returncode == 0, described.stderr
    report = json.loads(described.stdout)
    assert (report["described"], report["changed"], report["failed"]) == (1, 1, [])
    assert report["usage"]["prompt"] > report["estimate"]["visual_tokens"] > 0
    assert 1 < report["usage"]["completion"] < 256, "it came to its end"
    regions = json.loads(octavo("show", "fleet.pdf", 1, "--json", library=folder).stdout)["regions"]
    (text,) = [region["text"] for region in regions if region["source"] == "vlm"]
    rows = octavo("show", "fleet.pdf", 1, "--regions", library=folder).stdout.splitlines()
    assert [row.split("\t")[1] for row in rows if "\tvlm\t" in row] == ["figure"]
    best, *_ = json.loads(octavo("search", text, "--json", library=folder).stdout)
    assert (best["kind"], best["text"]) == ("figure", "")
    assert best["description"] in text


def test_a_server_that_dies_amid_a_reply_leaves_no_half_answer(tiny_vlm: Path, library: Path, tmp_path: Path) -> None:
    with served(tiny_vlm, tmp_path) as vllm:
        settings = to_ask(vllm, tiny_vlm, max_tokens=3000, retries=0, **WORDY)
        with DocumentQA.open(library, read_only=True, **settings) as qa:
            events = qa.stream(BUILT)
            first = next(events)
            assert first.answer is None
            kill(vllm)
            with pytest.raises((ReplyFailed, ServerUnavailable)):
                assert not any(event.answer for event in events)
            with pytest.raises(ServerUnavailable, match="octavo vlm up"):
                qa.ask(BUILT)
        vllm.process.wait(60)


def kill(vllm: Served) -> None:
    """All of the server's processes at once, which are a group of their own."""
    server = descendants(vllm.process.pid)[0]
    os.killpg(server, signal.SIGKILL)
    until(lambda: not alive(server))
