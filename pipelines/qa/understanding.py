"""What a question of a conversation asks, and which questions it consists of, before anything is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from anyio import to_thread

from ..build import Parts

if TYPE_CHECKING:
    from ...generators.vision.conversation import History
    from ...generators.vision.stages import Stages


class Asked(NamedTuple):
    """The question as one understands it by itself, and those it was taken apart into, if it was."""

    question: str
    parts: tuple[str, ...] = ()
    trace: dict[str, Any] = {}


async def understood(parts: Parts, question: str, history: History, stages: Stages) -> Asked:
    """Asks the chat model where `history` or `generator.decompose` make it necessary, else nobody."""
    decompose = parts.settings.generator.decompose
    if not history and not decompose:
        return Asked(question)
    from ...generators.vision.conversation import leans, parts_of, standalone

    asked, split = question, []
    trace: dict[str, Any] = {}
    if history and leans(question):
        chat = await to_thread.run_sync(lambda: parts.chat)
        with stages.asking("rewrite"):
            asked = await standalone(chat, parts.prompts, question, history)
        trace["standalone"] = asked
    if decompose:
        chat = await to_thread.run_sync(lambda: parts.chat)
        with stages.asking("decompose"):
            split = await parts_of(chat, parts.prompts, asked)
        trace["parts"] = split
    return Asked(asked, tuple(split), trace)
