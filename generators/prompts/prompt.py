"""From numbered evidence to the messages of a prompt.

What is the same for all questions comes first, then the evidence, then the question: a server that keeps prefixes reads
the first but once, and the second once for all that is asked about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..evidence.types import Evidence
from .escaping import as_attribute, as_data, without_commands
from .templates import Prompts

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage


def fenced(one: Evidence) -> tuple[str, str]:
    """A piece of evidence as text: what stands before its picture, if it has one, and what stands after it.

    The fence begins with `<`, a letter, or `</`, which no text of a document holds any more.
    """
    where = f'number="{one.number}" document="{as_attribute(one.name)}" page="{one.page}" kind="{one.kind}"'
    text = as_data(one.text)
    return f"<evidence {where}>\n", f"{text}\n</evidence>\n\n" if text else "</evidence>\n\n"


def messages_of(
    prompts: Prompts,
    name: str,
    evidence: Sequence[Evidence] = (),
    pictures: Mapping[int, bytes] | None = None,
    **values: Any,
) -> list[ChatMessage]:
    """System, then evidence (each picture before its text) and task in one message of the user.

    Args:
        name: The template's.
        pictures: JPEGs by the number of their evidence.
        values: What the template's task is given; text among them loses what would speak to the chat's machinery.
    """
    from llama_index.core.llms import ChatMessage, ImageBlock, MessageRole, TextBlock

    pictures = pictures or {}
    task = prompts.task(name, **{key: without_commands(v) if isinstance(v, str) else v for key, v in values.items()})
    blocks: list[TextBlock | ImageBlock] = []
    for part in _merged(_parts(evidence, pictures, task)):
        if isinstance(part, bytes):
            blocks.append(ImageBlock(image=part, image_mimetype="image/jpeg"))
        else:
            blocks.append(TextBlock(text=part))
    system = ChatMessage(role=MessageRole.SYSTEM, content=prompts.system(name))
    return [system, ChatMessage(role=MessageRole.USER, blocks=list(blocks))]


def _parts(evidence: Sequence[Evidence], pictures: Mapping[int, bytes], task: str) -> Iterator[str | bytes]:
    for one in evidence:
        before, after = fenced(one)
        yield before
        if one.number in pictures:
            yield pictures[one.number]
        yield after
    yield task


def _merged(parts: Iterator[str | bytes]) -> Iterator[str | bytes]:
    """`parts` with neighbouring texts put together."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
        text = ""
        yield part
    yield text
