"""The second look: the model itself is asked whether what a claim cites supports it, one citation at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..chat.loops import at_once
from ..chat.model import ChatModel
from ..chat.types import Reply
from ..evidence.types import Evidence
from ..prompts.escaping import as_data
from ..prompts.prompt import messages_of
from ..prompts.templates import Prompts
from ..relevance.yes_no import probability_of_yes
from ..types import Citation

_TOKENS, _ALTERNATIVES = 1, 20


async def checked(
    chat: ChatModel,
    prompts: Prompts,
    citations: Sequence[Citation],
    cited: Mapping[int, Evidence],
    pictures: Mapping[int, bytes],
) -> tuple[Citation, ...]:
    """The citations with `checked`, the probability of a yes among yes and no; None where it is neither.

    Args:
        cited: The evidence by the marker that it has in the answer.
        pictures: JPEGs by the number of their evidence.

    Raises what `ChatModel` raises; SettingsError when the model gives no log-probabilities.
    """
    replies: dict[int, Reply] = {}

    async def ask(n: int, citation: Citation) -> None:
        messages = messages_of(prompts, "support", [cited[citation.marker]], pictures, claim=as_data(citation.claim))
        replies[n] = await chat.complete(messages, max_tokens=_TOKENS, top_logprobs=_ALTERNATIVES)

    await at_once(ask, citations)
    return tuple(
        c.model_copy(update={"checked": probability_of_yes(replies[n].first)}) for n, c in enumerate(citations)
    )
