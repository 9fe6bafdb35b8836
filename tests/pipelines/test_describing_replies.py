"""What comes of a model's replies when it describes: failures, limits, and how far ahead of it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio
import pymupdf
import pytest
from llama_index.core.llms import ChatMessage, ChatResponse, ImageBlock
from PIL import Image

from octavo import DocumentQA
from octavo.errors import ReplyFailed, ServerUnavailable
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Reply, Usage
from octavo.ingest.identity import region_id
from octavo.ingest.types import BBox, Page, Region, Word
from octavo.pipelines.evidence import LibraryEvidence
from octavo.tests.pipelines.album import descriptions, read_drawn, told
from octavo.tests.pipelines.album import open_ as open_
from octavo.tests.pipelines.album import pdf as pdf
from octavo.tests.pipelines.album import settings as settings
from octavo.tests.pipelines.conftest import PoolHere


def test_a_reply_that_fails_leaves_the_others(open_: Callable[..., DocumentQA], pdf: Path) -> None:
    def half(messages: Sequence[ChatMessage]) -> str:
        if "Caption: Figure 1" in (messages[-1].content or ""):
            raise ReplyFailed("the model failed")
        return told(messages)

    with open_(ScriptedLLM(replies=half)) as qa:
        qa.add(pdf)
        report = qa.describe()
        assert (report.described, [(one.page, one.message) for one in report.failed]) == (1, [(1, "the model failed")])
        assert descriptions(qa) == ["A snowy mountain with a hut."]
    with open_() as qa:
        assert qa.describe().described == 1
        assert len(descriptions(qa)) == 2


def test_a_server_that_goes_ends_it_and_what_came_is_kept(open_: Callable[..., DocumentQA], pdf: Path) -> None:
    def half(messages: Sequence[ChatMessage]) -> str:
        if "Caption: Figure 1" not in (messages[-1].content or ""):
            raise ServerUnavailable("no connection")
        return told(messages)

    with open_(ScriptedLLM(replies=half)) as qa:
        qa.add(pdf)
        with pytest.raises(ServerUnavailable, match="no connection"):
            qa.describe()
        assert descriptions(qa) == ["A harbour with fishing boats."]
        assert qa.describe(confirm=lambda estimate: False).estimate.known == 1


def test_a_slow_reply_is_the_failure_of_its_figure(open_: Callable[..., DocumentQA], pdf: Path) -> None:
    def slow(messages: Sequence[ChatMessage]) -> str:
        if "Caption: Figure 1" in (messages[-1].content or ""):
            raise TimeoutError
        return told(messages)

    with open_(ScriptedLLM(replies=slow)) as qa:
        qa.add(pdf)
        report = qa.describe()
        assert (report.described, report.changed) == (1, 1)
        assert [one.message.startswith("the model did not reply within") for one in report.failed] == [True]
        assert descriptions(qa) == ["A snowy mountain with a hut."]


@pytest.mark.parametrize(
    ("text", "finish", "message"),
    [
        ("<think> The user wants a harbour.", "length", "the description was cut off"),
        ("A harbour with", "content_filter", "content filter ended the reply"),
        ("A harbour with", "abort", "broke off after 14 characters"),
        (" ", "stop", "said nothing"),
    ],
)
def test_what_is_no_description_is_not_kept(
    open_: Callable[..., DocumentQA], pdf: Path, text: str, finish: str, message: str
) -> None:
    reply = Reply(text=text, finish=finish, usage=Usage(prompt=100, completion=10))
    with open_(ScriptedLLM(replies=[reply, reply])) as qa:
        qa.add(pdf)
        report = qa.describe()
        assert (report.described, report.usage) == (0, Usage(prompt=200, completion=20))
        assert [message in one.message for one in report.failed] == [True, True]
        assert descriptions(qa) == []
        assert qa.describe(confirm=lambda _: False).estimate.known == 0


def test_few_pictures_wait_for_the_model(
    open_: Callable[..., DocumentQA], pool: type[PoolHere], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = 20
    with pymupdf.open() as pdf:
        for n in range(many):
            pdf.new_page(width=600, height=800).draw_rect((60, 60, 540, 700), fill=(n / many, 0, 0), color=None)
        pdf.save(tmp_path / "many.pdf")

    def read(pool: PoolHere, path: Path, *, version: str, first_page: int = 1, **more: Any) -> Iterator[Page]:
        box = BBox(0.1, 0.1, 0.9, 0.85)
        for n in range(first_page, many + 1):
            figure = Region(id=region_id(version, n, 0), page=n, order=0, kind="figure", bbox=box, text="")
            yield Page(number=n, width=600, height=800, regions=(figure,))

    drawn = 0
    ahead: list[int] = []

    class Slow(ScriptedLLM):
        async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
            await anyio.sleep(0.05)
            ahead.append(drawn - len(ahead))
            reply: ChatResponse = await super().achat(messages, **kwargs)
            return reply

    def counted(evidence: LibraryEvidence, *args: Any) -> bytes:
        nonlocal drawn
        drawn += 1
        return draw(evidence, *args)

    draw = LibraryEvidence.picture
    monkeypatch.setattr(pool, "read", read)
    with open_(Slow(replies=lambda _: "A wall."), vlm={"concurrency": 2}) as qa:
        qa.add(tmp_path / "many.pdf")
        monkeypatch.setattr(LibraryEvidence, "picture", counted)
        report = qa.describe()
    assert report.described == many
    assert many < max(ahead) <= many + 8, "all were drawn once before, to tell them apart"


@pytest.mark.parametrize(("context", "asked"), [(32_768, 1), (1200, 1), (400, 0)])
def test_a_picture_takes_half_of_the_context_at_most(
    open_: Callable[..., DocumentQA],
    pdf: Path,
    pool: type[PoolHere],
    monkeypatch: pytest.MonkeyPatch,
    context: int,
    asked: int,
) -> None:
    """Where it is not legible within that, it is not sent."""

    def read_small_print(pool: PoolHere, path: Path, *, version: str, **more: Any) -> Iterator[Page]:
        (page,) = read_drawn(pool, path, version=version)
        words = tuple(Word("small", BBox(0.1, n / 100, 0.2, n / 100 + 0.005)) for n in range(10, 30))
        figure = page.regions[0].model_copy(update={"words": words})
        yield page.model_copy(update={"regions": (figure,)})

    monkeypatch.setattr(pool, "read", read_small_print)
    llm = ScriptedLLM(replies=told, context_window=context)
    with open_(llm) as qa:
        qa.add(pdf)
        report = qa.describe()
    assert (report.described, len(report.failed), len(llm.requests)) == (asked, 1 - asked, asked)
    if context == 1200:
        (image,) = (b for b in llm.requests[0].messages[-1].blocks if isinstance(b, ImageBlock))
        width, height = Image.open(BytesIO(image.resolve_image().read())).size
        assert 0 < width * height < report.estimate.visual_tokens * 28 * 28 * 0.6
