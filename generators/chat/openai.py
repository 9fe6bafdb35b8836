"""LlamaIndex's `OpenAI` family, to which `OpenAILike` belongs: telling it apart, and its client's life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatMessage


def speaks_openai(llm: LLM) -> bool:
    """Whether `llm` takes OpenAI's request fields as keyword arguments and answers with its objects."""
    return is_openai(llm) or getattr(llm, "speaks_openai", False) is True


def own_client(llm: LLM) -> LLM:
    """`llm` with a client of its own, for one event loop: its connections cannot be used in another.

    How long a reply may be and how often it is tried again is Octavo's to say. Other LLMs come back as they are.
    """
    if not is_openai(llm):
        return llm
    import httpx

    own: Any = llm.model_copy(update={"max_tokens": None, "max_retries": 0, "reuse_client": True})
    # A copy shares the clients of an LLM that was used before, or was given one, which may have another key or address.
    # Where no connections were given, they are made here: those that the client library makes are closed, in whichever
    # loop, when they are collected.
    own._async_http_client = own._async_http_client or httpx.AsyncClient(
        follow_redirects=True, limits=httpx.Limits(max_connections=None, max_keepalive_connections=None)
    )
    if own._aclient is not None:
        own._aclient = own._aclient.copy(http_client=own._async_http_client, max_retries=0)
    own._client = None
    return cast("LLM", own)


def inlined(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The same messages with pictures as data URLs, which are sent as they are.

    LlamaIndex keeps a picture's bytes in base64, and would decode and encode them again for each request.
    """
    from llama_index.core.llms import ImageBlock

    def inline(block: Any) -> Any:
        if not isinstance(block, ImageBlock) or not isinstance(block.image, bytes):
            return block
        url = f"data:{block.image_mimetype};base64,{block.image.decode('ascii')}"
        # Not validated: parsing a long URL takes longer than encoding the picture did.
        return ImageBlock.model_construct(url=url, image_mimetype=block.image_mimetype, detail=block.detail)

    return [message.model_copy(update={"blocks": [inline(block) for block in message.blocks]}) for message in messages]


async def aclose_client(own: LLM, llm: LLM) -> None:
    """Close the connections of what `own_client` made of `llm`, but none that were given to `llm`."""
    client = getattr(own, "_async_http_client", None)
    if client is not None and client is not getattr(llm, "_async_http_client", None):
        await client.aclose()


def is_openai(llm: LLM) -> bool:
    """By name: importing the class takes a second, and an LLM that is there has imported it already."""
    return any(
        cls.__module__ == "llama_index.llms.openai.base" and cls.__name__ == "OpenAI" for cls in type(llm).__mro__
    )
