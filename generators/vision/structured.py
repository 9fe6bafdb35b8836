"""Answers for programs, read from the replies of a model that filled in a form.

A claim cites by the numbers of what was shown; boxes are looked up afterwards, never written.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ...errors import ReplyFailed
from ...ingest.text.sentences import sentence_spans
from ..chat.types import Reply
from ..grounding.markers import MarkerStream
from ..types import Citation


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    evidence: tuple[int, ...]


class _Structured(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answerable: bool
    claims: tuple[_Claim, ...] = ()
    answer: str = ""
    value: Any = None


class Read(BaseModel):
    """A structured reply, read.

    `text` is its answer; `own` are the sentences of that which no claim says. `said` is all that it says, as a reply in
    words with `[n]` markers: those sentences, each with all that the claims cite, then the claims.
    """

    answerable: bool
    text: str
    own: tuple[str, ...]
    said: str
    value: Any = None

    def cited(self, citations: Sequence[Citation]) -> tuple[Citation, ...]:
        """The citations without those of the answer's own sentences for what has nothing of them, if something has."""
        told = {citation.claim for citation in citations if citation.support != "absent"} & set(self.own)
        return tuple(c for c in citations if c.support != "absent" or c.claim not in told)


def read(reply: Reply, shown: Sequence[int], value: type[BaseModel] | None, where: str) -> Read:
    """What a reply says that was `shown` this evidence.

    Raises:
        ReplyFailed: It is cut off, no such JSON, or its value does not fit `value`.
    """
    if reply.finish == "length":
        what = "the structured reply was cut off"
        raise ReplyFailed(what, where=where, cure="raise generator.max_tokens, or ask for a smaller value")
    try:
        said = _Structured.model_validate_json(reply.text)
        # As JSON: a strict model takes a date or an enumeration from nothing else.
        plain = json.dumps(said.value, allow_nan=False)
        json.loads(plain, parse_int=_finite)
        held = value.model_validate_json(plain) if value and said.value is not None else None
    except ValidationError as error:
        first = error.errors()[0]
        what = f"the structured reply cannot be read ({'.'.join(map(str, first['loc']))}: {first['msg']})"
        raise ReplyFailed(what, where=where, cure="see whether the server supports JSON schemas") from error
    except ValueError as error:
        what = "the structured reply holds a number that is none, or too large to be one"
        raise ReplyFailed(what, where=where, cure="ask again, or bound the numbers of your model") from error
    text, cited = _unmarked(said.answer), {n: None for claim in said.claims for n in claim.evidence if n in shown}
    if not text and held is not None and not said.claims:
        text = json.dumps(said.value, ensure_ascii=False)
    claims = [(_sentences(_unmarked(claim.text)), claim.evidence) for claim in said.claims]
    claimed = {sentence for sentences, _ in claims for sentence in sentences}
    own = [sentence for sentence in _sentences(text) if sentence not in claimed]
    lines = [_marked(*one) for one in ((own, (*cited,)), *claims)]
    return Read(answerable=said.answerable, text=text, own=tuple(own), said="\n".join(filter(None, lines)), value=held)


def _marked(sentences: Sequence[str], evidence: Sequence[int]) -> str:
    """The sentences, these markers after each."""
    markers = "".join(f"[{number}]" for number in evidence)
    return " ".join(f"{sentence} {markers}".strip() for sentence in sentences)


def _sentences(text: str) -> list[str]:
    text = " ".join(text.split())
    return [text[start:end] for start, end in sentence_spans(text)]


def _unmarked(text: str) -> str:
    """`text` without markers of its own: a claim cites in its list only."""
    stream = MarkerStream(())
    return (stream.feed(text) + stream.close()).strip()


def _finite(digits: str) -> None:
    if math.isinf(float(digits)):
        raise ValueError
