"""A generator over regions set by hand, and what a scripted model answers there."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from typing import Any

from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock
from PIL import Image

from octavo.generators.base import answer
from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Limits, Reply
from octavo.generators.options import GeneratorOptions
from octavo.generators.types import Answer
from octavo.generators.vision import VisionGenerator
from octavo.ingest.types import BBox, Region
from octavo.retrievers.types import Hit
from octavo.tests.generators.evidence.material import Pages, hit_on, page_of
from octavo.tests.generators.material import region, set_words, table

ASKED = "How many cranes has the yard?"
YARD = region("The yard has 14 cranes. It opened in 1962 as a branch of the Corrigan works.", id="yard")
COSTS = table(("", "2022", "2023"), ("Wages", "31", "35"), ("Steel", "58", "66"), id="costs", caption="In millions")
CHART = region(
    "Cranes 14", id="chart", kind="figure", words=set_words("Cranes 14", 0.3, 0.6), caption="Figure 1"
).model_copy(update={"bbox": BBox(0.2, 0.5, 0.8, 0.9)})


def generator(llm: ScriptedLLM, *regions: Region, limits: Limits | None = None, **options: Any) -> VisionGenerator:
    chat = LlamaIndexChat(llm, limits=limits)
    pages = [page_of(one, number=n) for n, one in enumerate(regions, start=1)]
    return VisionGenerator(chat, Pages(*pages), GeneratorOptions(kind="vlm", **options))


def asked(reply: str | Reply, *regions: Region, question: str = ASKED, **options: Any) -> tuple[Answer, ScriptedLLM]:
    """The answer from hits on the regions, each on a page of its own, and the model that was asked."""
    llm = ScriptedLLM(replies=[reply])
    return asyncio.run(answer(generator(llm, *regions, **options), question, hits(*regions))), llm


def hits(*regions: Region) -> list[Hit]:
    """One on each, less relevant than the one before."""
    return [
        hit_on(one.model_copy(update={"page": n}), id=f"hit-{one.id}", relevance=0.9 - 0.1 * n)
        for n, one in enumerate(regions, start=1)
    ]


def prompted(messages: Sequence[ChatMessage]) -> str:
    """All that a prompt says, pictures as their sizes."""

    def said(block: Any) -> str:
        if isinstance(block, TextBlock):
            return block.text
        assert isinstance(block, ImageBlock)
        width, height = Image.open(io.BytesIO(block.resolve_image().read())).size
        return f"({width} × {height})"

    return "\n".join("".join(map(said, message.blocks)) for message in messages)
