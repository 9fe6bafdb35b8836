"""Questions that lean on what went before, and hits of several searches."""

from __future__ import annotations

import asyncio

import pytest
from llama_index.core.llms import ChatMessage

from octavo.errors import ReplyFailed
from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Limits, Reply
from octavo.generators.prompts.templates import Prompts
from octavo.generators.vision.conversation import leans, merged, parts_of, standalone, turns_of
from octavo.retrievers.types import Hit, Ref


@pytest.mark.parametrize(
    "question",
    [
        "When was it built?",
        "And in 2023?",
        "Why?",
        "What about the second one?",
        "How many of them are blue?",
        "Und wann wurde er gebaut?",
        "Wie hoch ist dessen Turm heute genau?",
        "它是什么时候建成的？",
    ],
)
def test_questions_that_lean(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        "When was the lighthouse at Ravensholm built?",
        "How much did Quillmere Lines earn in 2022?",
        "Wann wurde der Leuchtturm von Ravensholm gebaut?",
        "灯塔建于哪一年？",
    ],
)
def test_questions_that_stand(question: str) -> None:
    assert not leans(question)


def test_history_comes_as_pairs_or_as_messages() -> None:
    messages = [
        ChatMessage(role="system", content="Be kind."),
        ChatMessage(role="user", content="Where?"),
        ChatMessage(role="assistant", content="There."),
        ChatMessage(role="user", content="When?"),
    ]
    assert turns_of(messages) == [("Where?", "There."), ("When?", "")]
    assert turns_of([("Where?", "There.")]) == [("Where?", "There.")]


def asked(reply: str | Reply, question: str = "When?") -> str:
    chat = LlamaIndexChat(ScriptedLLM(replies=[reply]))
    return asyncio.run(standalone(chat, Prompts(), question, [("Where is the lighthouse?", "At Aln.")]))


@pytest.mark.parametrize(
    "reply",
    [
        '"When was the lighthouse built?"\n\nI made it clearer.',
        "Here is the question:\nWhen was the lighthouse built?",
    ],
)
def test_the_question_is_the_line_that_asks(reply: str) -> None:
    assert asked(reply) == "When was the lighthouse built?"
    assert asked("Name the height of the lighthouse") == "Name the height of the lighthouse"


def test_a_long_conversation_is_told_in_short() -> None:
    llm = ScriptedLLM(replies=["Who built it?"])
    chat = LlamaIndexChat(llm, limits=Limits(context=2048, pictures=0))
    history = [("灯塔是谁建的？" * 300, "是某个人建的。" * 300)] * 6
    asyncio.run(standalone(chat, Prompts(), "And who built it?", history))
    said = "".join(message.content or "" for message in llm.requests[0].messages)
    assert asyncio.run(chat.count(said)) + llm.requests[0].arguments["max_tokens"] < 2048


@pytest.mark.parametrize("reply", ["", " \n", "Well.\nI do not know.", Reply(text="When when when", finish="length")])
def test_no_question_is_an_error(reply: str | Reply) -> None:
    with pytest.raises(ReplyFailed, match="question"):
        asked(reply)


@pytest.mark.parametrize(
    ("reply", "parts"),
    [
        ("1. Where is Aln?\n2) Where is Bos?", ["Where is Aln?", "Where is Bos?"]),
        ("- A?\n- B?\n- C?\n- D?\n- E?", ["A?", "B?", "C?", "D?"]),
        ("Where is Aln?", []),
    ],
)
def test_parts_of_a_question(reply: str, parts: list[str]) -> None:
    chat = LlamaIndexChat(ScriptedLLM(replies=[reply]))
    assert asyncio.run(parts_of(chat, Prompts(), "Where are Aln and Bos?")) == parts


def found(id: str, relevance: float | None, answerable: float | None = None) -> Hit:
    ref = Ref(kind="passage", id=id, document="d", version="v")
    return Hit(ref=ref, places=(), score=1.0, relevance=relevance, answerable=answerable)


def test_hits_of_several_searches_are_merged_by_their_best_relevance() -> None:
    hits = merged([[found("a", 0.3, 0.2), found("b", 0.2, 0.2)], [found("b", 0.6, 0.9), found("c", None, 0.9)]])
    assert [(hit.ref.id, hit.relevance, hit.answerable) for hit in hits] == [
        ("b", 0.6, 0.9),
        ("a", 0.3, 0.9),
        ("c", None, 0.9),
    ]
    assert merged([[found("a", 0.3)], []])[0].answerable is None
