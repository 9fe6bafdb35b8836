"""The generator that lets a vision-language model write, from evidence that it is shown, and looks at what it says."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from anyio import to_thread
from pydantic import BaseModel

from ...errors import PromptTooLong, ReplyFailed, counted
from ...retrievers.cutoff import confidence
from ...retrievers.types import Hit
from ..chat.model import ChatModel
from ..evidence.types import EvidenceSource
from ..grounding.ground import ground
from ..options import GeneratorOptions
from ..prompts.templates import Prompts
from ..types import Answer, Event, not_in_documents
from .checking import checked
from .fitting import Fitter, Prompt, Refused
from .schemas import schema_of
from .stages import Stages, spent
from .structured import read
from .sureness import denied, sureness
from .told import cost_of, known_of, shown_of, undrawn_of, with_relevance
from .writing import Writing

_log = logging.getLogger(__name__)

_TRIES = (2, 1, 0)  # left after this one, where the server refuses a prompt as too long


class VisionGenerator:
    """Shows a chat model evidence, streams what it writes, and ties each sentence to what it cites.

    Args:
        chat: Who writes.
        source: Where the regions of a hit are looked up and drawn.
        prompts: Which words it is asked with; by default those of `options.prompts`.
    """

    def __init__(
        self,
        chat: ChatModel,
        source: EvidenceSource,
        options: GeneratorOptions | None = None,
        prompts: Prompts | None = None,
    ) -> None:
        self._chat = chat
        self._options = options or GeneratorOptions()
        self._fitter = Fitter(chat, source, self._options, prompts or Prompts(self._options.prompts))

    async def stream(self, question: str, hits: Sequence[Hit]) -> AsyncGenerator[Event]:
        """Pieces of text as they come, markers cleaned; then the citations; last the answer, whose text is what counts.

        Without hits nobody is asked. Raises what `ChatModel` raises; then there is no answer, not even part of one.
        """
        if not hits:
            whole = not_in_documents(question, generator="vlm")
            yield Event(text=whole.text, answer=whole)
            return
        stages = Stages()
        refused: Refused | None = None
        for tries_left in _TRIES:
            with stages.stage("pack"):
                prompt = await self._fitter.prompt("answer", hits, {"question": question}, refused)
            writing = Writing(one.number for one in prompt.packed.evidence)
            try:
                with stages.stage("write"):
                    deltas = self._chat.stream(prompt.messages, max_tokens=prompt.max_tokens)
                    async with aclosing(writing.pieces(deltas)) as pieces:
                        async for piece in pieces:
                            yield Event(text=piece)
                stages.spend("write", writing.usage)
                break
            except PromptTooLong as error:
                if not tries_left:
                    raise
                refused = Refused(prompt.packed, error)
        with stages.stage("ground"):
            whole = await to_thread.run_sync(self._answer, question, hits, prompt, writing)
        whole = await self._checked(whole, hits, prompt, writing, stages)
        for citation in whole.citations:
            yield Event(citation=citation)
        said = "" if whole.answerable else whole.text
        yield Event(text=said, answer=whole.model_copy(update=_over(whole, stages)))

    async def structured(self, question: str, hits: Sequence[Hit], value: type[BaseModel] | None = None) -> Answer:
        """The answer of a model that fills in a form; `Answer.value` is a `value`, or None where it gave none.

        Raises what `ChatModel` raises; ReplyFailed when the form is not filled in.
        """
        if not hits:
            return not_in_documents(question, generator="vlm")
        stages = Stages()
        refused: Refused | None = None
        for tries_left in _TRIES:
            with stages.stage("pack"):
                prompt = await self._fitter.prompt("structured", hits, {"question": question}, refused)
            numbers = [one.number for one in prompt.packed.evidence]
            try:
                with stages.asking("write"):
                    schema = schema_of(numbers, value)
                    reply = await self._chat.complete(prompt.messages, max_tokens=prompt.max_tokens, schema=schema)
                break
            except PromptTooLong as error:
                if not tries_left:
                    raise
                refused = Refused(prompt.packed, error)
        form = read(reply, numbers, value, self._chat.name)
        writing = Writing.of(form.said, numbers, reply, refused=not form.answerable)
        with stages.stage("ground"):
            whole = await to_thread.run_sync(self._answer, question, hits, prompt, writing, "structured")
        whole = whole.model_copy(update={"citations": form.cited(whole.citations)})
        whole = await self._checked(whole, hits, prompt, writing, stages)
        told = _over(whole, stages)
        if whole.answerable:
            told["value"] = form.value
            if form.text:  # else its claims are the answer
                markers = "".join(f"[{marker}]" for marker in dict.fromkeys(c.marker for c in whole.citations))
                told["text"] = f"{form.text} {markers}".strip()
        return whole.model_copy(update=told)

    async def _checked(
        self, answer: Answer, hits: Sequence[Hit], prompt: Prompt, writing: Writing, stages: Stages
    ) -> Answer:
        """The answer after a second look at its citations, if that is wanted."""
        if not self._options.check_support or not answer.citations:
            return answer
        numbers = writing.markers.numbers
        cited = {numbers[one.number]: one for one in prompt.packed.evidence if one.number in numbers}
        prompts = self._fitter.prompts
        with stages.asking("check"):
            citations = await checked(self._chat, prompts, answer.citations, cited, prompt.pictures)
        told = {
            "citations": citations,
            "confidence": sureness(confidence(hits), answer.trace["claims"]["uncited"], citations),
            "trace": {**answer.trace, "check": {"name": "support", "version": prompts.version("support")}},
        }
        return answer.model_copy(update=told)

    def _answer(
        self, question: str, hits: Sequence[Hit], prompt: Prompt, writing: Writing, template: str = "answer"
    ) -> Answer:
        packed = prompt.packed
        if prompt.undrawn:
            first = next(iter(prompt.undrawn.values()))
            _log.warning("%s could not be drawn, and went as text: %s", counted(len(prompt.undrawn), "page"), first)
        told: dict[str, Any] = {
            "generator": "vlm",
            "model": self._chat.name,
            "prompt": {"name": template, "version": self._fitter.prompts.version(template)},
            "shown": shown_of(packed.evidence, writing.markers),
            "left_out": list(packed.left_out),
            "undrawn": undrawn_of(prompt.undrawn),
            "finish": writing.finish,
        }
        usage = cost_of(packed)
        found = ground(writing.markers, packed.evidence, known_of(question, packed.evidence))
        if writing.refused or (writing.sentinel.seen and not found.citations):
            whole = not_in_documents(question, denied(confidence(hits)), **told, reason="the model found no answer")
            return whole.model_copy(update={"usage": usage})
        if not found.text:
            what, cure = "the model said nothing", "ask again; if it happens again, see the log of its server"
            if writing.finish == "length":
                what, cure = "the reply was cut off within its first sentence", "raise generator.max_tokens"
            raise ReplyFailed(what, where=self._chat.name, cure=cure)
        citations = with_relevance(found.citations, packed.evidence, writing.markers)
        return Answer(
            question=question,
            text=found.text,
            citations=citations,
            answerable=True,
            confidence=sureness(confidence(hits), found.counts["uncited"], citations),
            usage=usage,
            trace={**told, "claims": found.counts},
        )


def _over(answer: Answer, stages: Stages) -> dict[str, Any]:
    """Trace and usage of an answer, with those of its stages."""
    return {"trace": {**answer.trace, **stages.trace}, "usage": {**answer.usage, **spent(stages.trace)}}
