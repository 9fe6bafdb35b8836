"""Messages of texts and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage


def message(*parts: str | bytes, role: str = "user") -> ChatMessage:
    """A message of texts and pictures (PNG or JPEG files), in this order; `role` is system, user or assistant."""
    from llama_index.core.llms import ChatMessage, ImageBlock, MessageRole, TextBlock

    made = ChatMessage(role=MessageRole(role))
    # Not by the constructor: LlamaIndex would decode and encode each picture once more, a millisecond for 120 KB.
    made.blocks = [TextBlock(text=part) if isinstance(part, str) else ImageBlock(image=part) for part in parts]
    return made
