"""Questions of a conversation made understandable by themselves, and questions of several steps taken apart.

Rewriting a question that needs none costs time and may change it: so words that lean on what went before are looked
for first, and the model is asked only where there are some.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, Union

from ...errors import ReplyFailed
from ...retrievers.types import Hit
from ..chat.model import ChatModel
from ..prompts.escaping import as_data
from ..prompts.prompt import messages_of
from ..prompts.templates import Prompts

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage

Turn: TypeAlias = tuple[str, str]
"""A question and its answer."""
History: TypeAlias = Sequence[Union[Turn, "ChatMessage"]]

_TURNS = 4  # the last ones are shown
_LONGEST = 1500  # letters of an answer among them
_TOKENS = 160  # of a question
_PARTS = 4
_FEW = 3  # words: a question this short leaves something out
_LEANING = re.compile(
    r"\b(it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|then|one|ones|same|such"
    r"|former|latter|both|either|neither|others?|another|else|instead|again|above|previous|before|too"
    r"|er|sie|es|ihn|ihm|ihr|ihre[mnrs]?|sein|seine[mnrs]?|diese[mnrs]?|jene[mnrs]?|davon|dazu|dafür|darin|dort|dann|deren|dessen)\b"
    r"|^\W*(and|or|but|so|why|what about|how about|und|oder|aber|warum|wieso)\b"
    r"|[它他她这那其]|呢\W*$",
    re.I,
)
_ASKS = ("?", "？", "؟")
_NUMBERED = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")


def turns_of(history: History) -> list[Turn]:
    """Questions and answers, oldest first, from pairs or from chat messages (others than the user's are answers)."""
    turns: list[Turn] = []
    for one in history:
        if isinstance(one, tuple | list):
            asked, answered = one
            turns.append((asked, answered))
        elif one.role == "user":
            turns.append((one.content or "", ""))
        elif one.role == "assistant" and turns:
            turns[-1] = (turns[-1][0], f"{turns[-1][1]}\n{one.content or ''}".strip())
    return turns


def leans(question: str) -> bool:
    """Whether `question` may need what went before to be understood."""
    words = re.findall(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+", question)
    return bool(_LEANING.search(question)) or len(words) <= _FEW


async def standalone(chat: ChatModel, prompts: Prompts, question: str, history: History) -> str:
    """`question` as one understands it without `history`; itself where nothing in it leans on that.

    Raises what `ChatModel` raises; ReplyFailed when the model writes no question.
    """
    turns = turns_of(history)[-_TURNS:]
    if not turns or not leans(question):
        return question
    # A letter is a token at most: so together they take half of the context, whatever language it is.
    longest = min(_LONGEST, (await chat.limits()).context // (4 * len(turns)))
    told = [(as_data(asked)[:longest], as_data(answered)[:longest]) for asked, answered in turns]
    lines = await _lines(chat, messages_of(prompts, "rewrite", history=told, question=question))
    asked_anew = next((line for line in lines if line.endswith(_ASKS)), lines[0] if len(lines) == 1 else None)
    if asked_anew is None:
        cure = "let it reply without thinking aloud (vlm.extra_body), or ask what is understandable by itself"
        raise ReplyFailed("the model wrote other things than a question", where=chat.name, cure=cure)
    return asked_anew


async def parts_of(chat: ChatModel, prompts: Prompts, question: str) -> list[str]:
    """Questions to look up one by one; none when `question` is one of its own. Raises what `ChatModel` raises."""
    lines = await _lines(chat, messages_of(prompts, "decompose", question=question))
    return lines[:_PARTS] if len(lines) > 1 else []


def merged(searches: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The hits of several searches, the most relevant first; one found by several counts with its best relevance.

    Whether they answer at all is judged by the search that is surest of it.
    """
    best: dict[str, Hit] = {}
    for hit in (hit for hits in searches for hit in hits):
        known = best.get(hit.ref.id)
        if known is None or (hit.relevance or 0.0) > (known.relevance or 0.0):
            best[hit.ref.id] = hit
    sure = [hit.answerable for hits in searches for hit in hits if hit.answerable is not None]
    found = sorted(best.values(), key=lambda hit: -(hit.relevance or 0.0))
    return [hit.model_copy(update={"answerable": max(sure)}) for hit in found] if sure else found


async def _lines(chat: ChatModel, messages: Sequence[ChatMessage]) -> list[str]:
    """The lines of a short reply, without numbers and quotation marks around them."""
    reply = await chat.complete(messages, max_tokens=_TOKENS)
    lines = [_NUMBERED.sub("", line).strip(" \t\"'“”„") for line in reply.text.splitlines()]
    lines = [line for line in lines if line]
    if not lines or reply.finish == "length":
        what = "the model wrote no question" if not lines else "the model wrote a question without end"
        raise ReplyFailed(what, where=chat.name, cure="ask a question that is understandable by itself")
    return lines
