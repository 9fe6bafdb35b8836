"""Evidence fitted into what a model takes: its context, its pictures, and what may be spent of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from anyio import from_thread, to_thread

from ...errors import PromptTooLong
from ...retrievers.types import Hit
from ..chat.model import ChatModel
from ..chat.server import estimated
from ..evidence.families import visual_tokens_of
from ..evidence.packing import CountText, pack
from ..evidence.types import Budget, EvidenceSource, Packed
from ..options import GeneratorOptions
from ..prompts.escaping import as_attribute, as_data
from ..prompts.prompt import fenced, messages_of
from ..prompts.templates import Prompts

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage

_FENCE = 48  # tokens around each piece of evidence, beside the document's name
_WRAPPING = 64  # tokens: what a chat's template puts around messages
_PER_PICTURE = 8  # tokens around each picture
_REPLY = 0.25  # of a small context, at most, is kept for the reply


class Prompt(NamedTuple):
    """Messages that fit; what they show, with JPEGs by the number of their evidence; tokens that the reply may have."""

    messages: list[ChatMessage]
    packed: Packed
    max_tokens: int
    pictures: dict[int, bytes]


class Fitter:
    """Makes prompts that a model can take, of as much evidence as there is room for."""

    def __init__(self, chat: ChatModel, source: EvidenceSource, options: GeneratorOptions, prompts: Prompts) -> None:
        self._chat = chat
        self._source = source
        self._options = options
        self.prompts = prompts
        self._counter = visual_tokens_of(options.processor or chat.name, options.processor_bounds)

    async def _packed(self, hits: Sequence[Hit], said: str, most: Budget | None = None) -> tuple[Packed, int]:
        """The evidence of `hits` that there is room for, and how many tokens the reply may have.

        Args:
            said: All that the prompt says beside the evidence.
            most: What it may cost, whatever room there is.

        Raises:
            PromptTooLong: Not even one piece of evidence fits.
        """
        limits, options = await self._chat.limits(), self._options
        reply = min(options.max_tokens, int(limits.context * _REPLY))
        pictures = min(options.pictures, limits.pictures)
        left = limits.context - reply - _WRAPPING - _PER_PICTURE * pictures
        wanted = options.text_tokens + options.visual_tokens

        async def packed_by(count: CountText, room: int) -> Packed:
            budget = _least(_budget(options, room, pictures), most)
            packing = partial(self._pack, hits, budget, count)
            return await to_thread.run_sync(packing) if room > 0 else Packed()

        # Estimates are on the high side and cost nothing. Only where they leave no room for all, the server counts.
        room = left - estimated(said)
        packed = await packed_by(estimated, room)
        if packed.left_out or room < wanted:
            room = left - await self._chat.count(said)
            packed = await packed_by(lambda text: from_thread.run(self._chat.count, text), room)
        if not packed.evidence:
            what = f"no evidence fits into the {max(room, 0)} tokens that the prompt leaves of {limits.context}"
            cure = "serve the model with a longer context, or lower generator.max_tokens"
            if room >= wanted:
                cure = "raise generator.text_tokens, generator.visual_tokens or generator.pictures"
            raise PromptTooLong(what, where=self._chat.name, cure=cure)
        text = "".join(part for one in packed.evidence for part in fenced(one))
        return packed.model_copy(update={"text_tokens": await self._chat.count(text)}), reply

    def _pack(self, hits: Sequence[Hit], budget: Budget, count: CountText) -> Packed:
        """Blocks. A piece's text counts with its fence, in which the document's name stands."""
        names = {self._source.document_name(document) for document in {hit.ref.document for hit in hits}}
        fence = max((count(as_attribute(name)) for name in names), default=0) + _FENCE
        return pack(hits, self._source, budget, self._counter, lambda text: count(as_data(text)) + fence)

    async def _pictures(self, packed: Packed) -> dict[int, bytes]:
        """The JPEGs of the evidence that is shown as a picture, by its number."""
        shown = [one for one in packed.evidence if one.picture is not None]

        def drawn() -> dict[int, bytes]:
            found = {}
            for one in shown:
                assert one.picture is not None
                part = one.picture
                found[one.number] = self._source.picture(one.document, part.page, part.bbox, part.width, part.height)
            return found

        return await to_thread.run_sync(drawn) if shown else {}

    async def prompt(
        self, name: str, hits: Sequence[Hit], values: Mapping[str, Any], refused: Packed | None = None
    ) -> Prompt:
        """The prompt of template `name`. Raises PromptTooLong, and what drawing a page raises.

        Args:
            refused: What the server found too long, whatever was counted here: half of it is shown now.
        """
        said = f"{self.prompts.system(name)}\n{self.prompts.task(name, **values)}"
        packed, reply = await self._packed(hits, said, _half_of(refused) if refused is not None else None)
        pictures = await self._pictures(packed)
        messages = messages_of(self.prompts, name, packed.evidence, pictures, **values)
        return Prompt(messages, packed, reply, pictures)


def _budget(options: GeneratorOptions, room: int, pictures: int) -> Budget:
    """What the settings allow, or as much less as `room` tokens ask for."""
    visual = options.visual_tokens if pictures else 0
    wanted = max(options.text_tokens + visual, 1)
    part = min(1.0, max(room, 0) / wanted)
    return Budget(text_tokens=int(options.text_tokens * part), visual_tokens=int(visual * part), pictures=pictures)


def _least(budget: Budget, most: Budget | None) -> Budget:
    """What both allow."""
    if most is None:
        return budget
    return Budget(
        text_tokens=min(budget.text_tokens, most.text_tokens),
        visual_tokens=min(budget.visual_tokens, most.visual_tokens),
        pictures=min(budget.pictures, most.pictures),
    )


def _half_of(packed: Packed) -> Budget:
    """What half of this evidence costs."""
    pictures = sum(one.picture is not None for one in packed.evidence)
    return Budget(
        text_tokens=packed.text_tokens // 2, visual_tokens=packed.visual_tokens // 2, pictures=(pictures + 1) // 2
    )
