"""Evidence fitted into what a model takes: its context, its pictures, and what may be spent of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from anyio import from_thread, to_thread

from ...errors import PromptTooLong, TooManyPictures, UnreadableFile
from ...retrievers.types import Hit
from ..chat.model import ChatModel
from ..chat.server import estimated
from ..evidence.families import visual_tokens_of
from ..evidence.packing import CountText, pack
from ..evidence.types import Budget, EvidenceSource, Packed, Undrawn
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
    """Messages that fit; what they show, with JPEGs by the number of their evidence; tokens that the reply may have.

    `undrawn` are the pages of which text alone is shown, because they could not be drawn.
    """

    messages: list[ChatMessage]
    packed: Packed
    max_tokens: int
    pictures: dict[int, bytes]
    undrawn: Undrawn


class Refused(NamedTuple):
    """Evidence that the server found too long, whatever was counted here, and what it said of that."""

    packed: Packed
    error: PromptTooLong


class Fitter:
    """Makes prompts that a model can take, of as much evidence as there is room for."""

    def __init__(self, chat: ChatModel, source: EvidenceSource, options: GeneratorOptions, prompts: Prompts) -> None:
        self._chat = chat
        self._source = source
        self._options = options
        self.prompts = prompts
        self._counter = visual_tokens_of(options.processor or chat.name, options.processor_bounds)

    async def _packed(
        self, hits: Sequence[Hit], said: str, refused: Refused | None, undrawn: Undrawn
    ) -> tuple[Packed, int]:
        """The evidence of `hits` that there is room for, and how many tokens the reply may have.

        Args:
            said: All that the prompt says beside the evidence.
            refused: Less than this, whatever room there is.
            undrawn: See `pack`.

        Raises:
            PromptTooLong: Not even one piece of evidence fits; of what was refused, it is the server's own error.
            UnreadableFile: See `pack`.
        """
        limits, options = await self._chat.limits(), self._options
        reply = min(options.max_tokens, int(limits.context * _REPLY))
        pictures = min(options.pictures, limits.pictures)
        left = limits.context - reply - _WRAPPING - _PER_PICTURE * pictures
        wanted = options.text_tokens + options.visual_tokens

        async def packed_by(count: CountText, room: int) -> Packed:
            packing = partial(self._pack, hits, _budget(options, room, pictures), count, refused, undrawn)
            return await to_thread.run_sync(packing) if room > 0 else Packed()

        # Estimates are on the high side and cost nothing. Only where they leave no room for all, the server counts.
        room = left - estimated(said)
        packed = await packed_by(estimated, room)
        if packed.left_out or room < wanted:
            room = left - await self._chat.count(said)
            packed = await packed_by(lambda text: from_thread.run(self._chat.count, text), room)
        if not packed.evidence and refused is not None:
            raise refused.error
        if not packed.evidence:
            what = f"no evidence fits into the {max(room, 0)} tokens that the prompt leaves of {limits.context}"
            cure = "serve the model with a longer context, or lower generator.max_tokens"
            if room >= wanted:
                cure = "raise generator.text_tokens, generator.visual_tokens or generator.pictures"
            raise PromptTooLong(what, where=self._chat.name, cure=cure)
        text = "".join(part for one in packed.evidence for part in fenced(one))
        return packed.model_copy(update={"text_tokens": await self._chat.count(text)}), reply

    def _pack(
        self, hits: Sequence[Hit], budget: Budget, count: CountText, refused: Refused | None, undrawn: Undrawn
    ) -> Packed:
        """Blocks. A piece's text counts with its fence, in which the document's name stands."""
        names = {self._source.document_name(document) for document in {hit.ref.document for hit in hits}}
        fence = max((count(as_attribute(name)) for name in names), default=0) + _FENCE

        def cost(text: str) -> int:
            return count(as_data(text)) + fence

        if refused is not None:
            budget = _least(budget, _less_than(refused, cost))
        return pack(hits, self._source, budget, self._counter, cost, undrawn)

    async def _pictures(self, packed: Packed, undrawn: Undrawn) -> dict[int, bytes] | None:
        """The JPEGs of the evidence that is shown as a picture, by its number; None where some is now `undrawn`."""
        shown = [one for one in packed.evidence if one.picture is not None]

        def drawn() -> dict[int, bytes] | None:
            found = {}
            for one in shown:
                assert one.picture is not None
                part = one.picture
                where = one.document, part.page
                try:
                    found[one.number] = self._source.picture(*where, part.bbox, part.width, part.height)
                except UnreadableFile as error:
                    undrawn[where] = error
            return found if len(found) == len(shown) else None

        return await to_thread.run_sync(drawn) if shown else {}

    async def prompt(
        self, name: str, hits: Sequence[Hit], values: Mapping[str, Any], refused: Refused | None = None
    ) -> Prompt:
        """The prompt of template `name`. What cannot be drawn, because its file is gone, goes as text.

        Args:
            refused: What the server found too long: less is shown now.

        Raises:
            PromptTooLong: No evidence fits. If nothing less than `refused` is left, it is the server's own error.
            UnreadableFile: Nothing can be drawn, and no text is left to show.
        """
        said = f"{self.prompts.system(name)}\n{self.prompts.task(name, **values)}"
        undrawn: Undrawn = {}
        packed, reply = await self._packed(hits, said, refused, undrawn)
        while (pictures := await self._pictures(packed, undrawn)) is None:
            packed, reply = await self._packed(hits, said, refused, undrawn)
        messages = messages_of(self.prompts, name, packed.evidence, pictures, **values)
        return Prompt(messages, packed, reply, pictures, undrawn)


def _budget(options: GeneratorOptions, room: int, pictures: int) -> Budget:
    """What the settings allow, or as much less as `room` tokens ask for."""
    visual = options.visual_tokens if pictures else 0
    wanted = max(options.text_tokens + visual, 1)
    part = min(1.0, max(room, 0) / wanted)
    return Budget(text_tokens=int(options.text_tokens * part), visual_tokens=int(visual * part), pictures=pictures)


def _least(a: Budget, b: Budget) -> Budget:
    """What both allow."""
    return Budget(
        text_tokens=min(a.text_tokens, b.text_tokens),
        visual_tokens=min(a.visual_tokens, b.visual_tokens),
        pictures=min(a.pictures, b.pictures),
    )


def _less_than(refused: Refused, cost: CountText) -> Budget:
    """Half of what was refused: its pictures, and its text unless pictures are what costs.

    The text of the most relevant piece stays, unless it was all there was.
    """
    evidence, visual = refused.packed.evidence, refused.packed.visual_tokens
    texts = [cost(one.text) for one in evidence]
    pictures, text = sum(one.picture is not None for one in evidence), sum(texts)
    if isinstance(refused.error, TooManyPictures):
        return Budget(text_tokens=text, visual_tokens=visual, pictures=pictures // 2)
    if visual <= text:
        text = max(text // 2, texts[0] if pictures or len(texts) > 1 else 0)
    return Budget(text_tokens=text, visual_tokens=visual // 2, pictures=(pictures + 1) // 2)
