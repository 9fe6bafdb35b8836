"""Relevance by the probability of a yes, from a real vLLM."""

from __future__ import annotations

from pathlib import Path

import anyio
import httpx
import pymupdf
import pytest

from octavo.errors import ReplyFailed
from octavo.generators.chat.vllm import vllm_chat
from octavo.generators.evidence.families import visual_tokens_of
from octavo.generators.options import ChatOptions
from octavo.generators.prompts.templates import Prompts
from octavo.generators.relevance.yes_no import YesNo
from octavo.ingest.types import BBox, Kind, Place
from octavo.retrievers.types import Hit, Ref
from octavo.tests.generators.evidence.material import Pages, page_of
from octavo.tests.vllm.conftest import MODEL, Served

pytestmark = pytest.mark.vllm

QUESTION = "When was the lighthouse built?"


def hit(n: int, text: str, box: BBox, kind: Kind = "text") -> Hit:
    ref = Ref(kind="passage", id=str(n), document="doc", version="v")
    return Hit(ref=ref, places=(Place(1, box),), score=-n, kind=kind, text=text)


UPPER, LOWER = BBox(0.1, 0.1, 0.9, 0.3), BBox(0.1, 0.6, 0.9, 0.8)
HITS = [
    hit(0, "It was built in 1874.", UPPER),
    hit(1, "Tomatoes want sun.", LOWER),
    hit(2, "", UPPER, "figure"),
    hit(3, "", LOWER, "figure"),
]


@pytest.fixture
def source(tmp_path: Path) -> Pages:
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=600, height=800)
        page.draw_rect((80, 100, 500, 220), fill=(0.8, 0.1, 0.1))
        pdf.save(tmp_path / "page.pdf")
    return Pages(page_of(), pdf=tmp_path / "page.pdf")


def judged(vllm: Served, tiny_vlm: Path, source: Pages, bias: dict[str, float]) -> list[float | None]:
    async def run() -> list[float | None]:
        options = ChatOptions(base_url=vllm.url, model=MODEL, extra_body={"logit_bias": bias} if bias else {})
        chat = vllm_chat(options)
        found = await YesNo(chat, source, Prompts(), visual_tokens_of(str(tiny_vlm))).probabilities(QUESTION, HITS)
        await chat.aclose()
        return found

    return anyio.run(run)


def test_the_first_tokens_probabilities_are_those_of_yes_and_no(vllm: Served, tiny_vlm: Path, source: Pages) -> None:
    def token(word: str) -> str:
        answer = httpx.post(f"{vllm.address}/tokenize", json={"model": MODEL, "prompt": word}).json()
        (id,) = answer["tokens"]
        return str(id)

    both = judged(vllm, tiny_vlm, source, {token("yes"): 50.0, token("no"): 50.0})
    assert all(p is not None and 0.0 < p < 1.0 for p in both)
    assert len(set(both)) == len(HITS), "each piece is judged by itself, by its picture where that is all it has"
    rather = judged(vllm, tiny_vlm, source, {token("yes"): 55.0, token("no"): 50.0})
    assert all((a or 0) < (b or 0) for a, b in zip(both, rather, strict=True))
    odds = [((b or 0) / (1 - (b or 0))) / ((a or 0) / (1 - (a or 0))) for a, b in zip(both, rather, strict=True)]
    assert odds == pytest.approx([2.718281828**5] * len(HITS), rel=0.05)


def test_a_model_that_says_something_else_is_told(vllm: Served, tiny_vlm: Path, source: Pages) -> None:
    with pytest.raises(ReplyFailed, match=r"asked about 4 passages, the model said neither yes nor no, but '"):
        judged(vllm, tiny_vlm, source, {})
