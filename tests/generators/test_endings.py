"""Replies that do not come to their end: what is left of them, and which are errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from llama_index.core.llms import ChatMessage, ChatResponseGen

from octavo.errors import ReplyFailed
from octavo.generators.base import answer
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Reply
from octavo.tests.generators.answering import ASKED, YARD, asked, generator, hits


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("The yard has 14 cranes [1]. It opened in 19", "The yard has 14 cranes [1]."),
        ("The yard has 14 cranes. [1] It opened [1", "The yard has 14 cranes. [1]"),
        ("The yard has 14 cranes [1]. Wages rose by 4.", "The yard has 14 cranes [1]."),
        ("The yard has 14 cranes [1]. It was opened by Dr.", "The yard has 14 cranes [1]."),
        ("The yard has 14 cranes [1]. It opened in 1962 [1].", "The yard has 14 cranes [1]. It opened in 1962 [1]."),
    ],
)
def test_of_a_reply_that_was_cut_off_whole_sentences_are_kept(reply: str, text: str) -> None:
    found, _ = asked(Reply(text=reply, finish="length"), YARD)
    assert (found.text, found.trace["finish"]) == (text, "length")
    assert {citation.claim for citation in found.citations} <= {"The yard has 14 cranes.", "It opened in 1962."} | {
        "The yard has 14 cranes .",
        "It opened in 1962 .",
    }


def test_a_reply_that_was_cut_off_within_its_first_sentence_is_none() -> None:
    with pytest.raises(ReplyFailed, match="cut off within its first sentence"):
        asked(Reply(text="The yard has 1", finish="length"), YARD)


@pytest.mark.parametrize("finish", ["content_filter", "abort", "error"])
@pytest.mark.parametrize("form", [False, True])
def test_a_reply_that_ended_otherwise_is_none(finish: str, form: bool) -> None:
    if form:
        llm = ScriptedLLM(
            replies=[Reply(text=json.dumps({"answerable": True, "answer": "The yard has 14 cranes."}), finish=finish)]
        )
        asking = generator(llm, YARD).structured(ASKED, hits(YARD))
    else:
        llm = ScriptedLLM(replies=[Reply(text="The yard has 14 cranes [1]. It opened in", finish=finish)])
        asking = answer(generator(llm, YARD), ASKED, hits(YARD))
    with pytest.raises(ReplyFailed, match="content filter" if finish == "content_filter" else finish) as caught:
        asyncio.run(asking)
    assert caught.value.cure


class Silent(ScriptedLLM):
    """A provider that says nothing of why a reply ended."""

    speaks_openai: ClassVar[bool] = False

    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        for piece in super().stream_chat(messages, **kwargs):
            yield piece.model_copy(update={"raw": None})


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("14 cranes [1]", "14 cranes [1]"),
        ("Yes. 14 cranes", "Yes. 14 cranes"),
        ("14 cranes [1]. Opened in 1962 [1]", "14 cranes [1]. Opened in 1962 [1]"),
        ("It has [1].\n- 14 cranes\n- a branch", "It has [1].\n- 14 cranes\n- a branch"),
        ("The yard has 14 cranes [1]. It opened in", "The yard has 14 cranes [1]."),
    ],
)
def test_where_nobody_says_why_a_reply_ended_half_a_sentence_goes(reply: str, text: str) -> None:
    found = asyncio.run(answer(generator(Silent(replies=[reply]), YARD), ASKED, hits(YARD)))
    assert (found.text, found.trace["finish"]) == (text, None)
