"""A vision-language model asked whether a piece answers the question: the probability of its yes is the relevance.

p(yes) / (p(yes) + p(no)) of the reply's first token: the zero-shot reranking of MM-Embed (Lin et al. 2024), after the
relevancy score of Mortaheb et al. 2025 ("Re-ranking the Context for Multimodal Retrieval Augmented Generation").
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

from ...errors import ReplyFailed, SettingsError, UnreadableFile
from ...ingest.types import BBox
from ...retrievers.types import Hit
from ..chat.loops import at_once
from ..chat.model import ChatModel
from ..chat.types import Limits, Reply
from ..evidence.legibility import BARELY, LEGIBLE, picture_of
from ..evidence.types import Evidence, EvidenceSource, Shown
from ..evidence.visual_tokens import VisualTokens
from ..prompts.prompt import messages_of
from ..prompts.templates import Prompts
from .judged import text_of

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage

_log = logging.getLogger(__name__)

_LOGPROBS = 20  # the most that OpenAI's protocol, and vLLM unless told otherwise, gives
_SHARE = 0.5  # of the context, at most, goes to the picture
_MARGIN = 0.01  # of the page, around a table or figure
_READ = 1500  # characters of a region that was found by its description


class YesNo:
    """A `Judge`: asks `chat` about each hit by itself, as many at a time as it takes.

    What is constant comes first, then the piece with its picture, then the question: a server that keeps prefixes reads
    a piece but once, whatever is asked about it.

    Args:
        counter: How the model sees pictures.
        pictures: Whether tables and figures are shown, beside their text.
        visual_tokens: Of one picture, at most; what cannot be read within them goes as text alone.
    """

    def __init__(
        self,
        chat: ChatModel,
        source: EvidenceSource,
        prompts: Prompts,
        counter: VisualTokens,
        *,
        pictures: bool = True,
        visual_tokens: int = 1024,
    ) -> None:
        self._chat = chat
        self._source = source
        self._prompts = prompts
        self._counter = counter
        self._pictures = pictures
        self._visual_tokens = visual_tokens

    async def probabilities(self, question: str, hits: Sequence[Hit]) -> list[float | None]:
        """See `Judge`; None where the first token was neither yes nor no, or there was nothing to show.

        A table or figure that cannot be drawn, because its file is gone, is judged by its text.

        Raises:
            ReplyFailed: It was neither for any of the hits; or what `ChatModel` raises.
            UnreadableFile: Of none of the hits there was anything to show, since files are gone.
            SettingsError: Of none there was, since pictures are not wanted, not taken, or too dear.
        """
        limits = await self._chat.limits()
        replies: dict[int, Reply] = {}
        undrawn: list[UnreadableFile] = []
        drawing = anyio.Lock()  # MuPDF draws on one thread at a time; what is drawn is asked about meanwhile

        async def ask(n: int, hit: Hit) -> None:
            async with drawing if self._is_drawn(hit, limits) else nullcontext():
                messages = await to_thread.run_sync(self._messages, question, hit, limits, undrawn)
            if messages is not None:
                replies[n] = await self._chat.complete(messages, max_tokens=1, top_logprobs=_LOGPROBS)

        await at_once(ask, hits)
        if undrawn:
            if not replies:
                raise undrawn[0]
            _log.warning("%d tables and figures could not be drawn, and went as text: %s", len(undrawn), undrawn[0])
        if not replies:
            what = "what was found has no words, and its pictures are not shown"
            cure = (
                "set relevance.pictures: true, raise relevance.visual_tokens, or let a model judge that takes pictures"
            )
            raise SettingsError(what, where="relevance.visual_tokens", cure=cure)
        found = [probability_of_yes(replies[n].first) if n in replies else None for n in range(len(hits))]
        if all(probability is None for probability in found):
            said = ", ".join(sorted({repr(reply.text) for reply in replies.values()})[:5])
            raise ReplyFailed(
                f"asked about {len(replies)} passages, the model said neither yes nor no, but {said}",
                where=self._chat.name,
                cure="let it reply without thinking aloud (vlm.extra_body), or set relevance.kind: late-interaction",
            )
        return found

    def _messages(
        self, question: str, hit: Hit, limits: Limits, undrawn: list[UnreadableFile]
    ) -> list[ChatMessage] | None:
        """None where nothing is left to show. Blocks: it draws, and adds to `undrawn` what kept it from that."""
        text, shown = text_of(hit) if hit.text else self._own_words(hit), self._shown(hit, limits)
        pictures = {}
        if shown is not None:
            try:
                pictures[1] = self._source.picture(hit.ref.document, shown.page, shown.bbox, shown.width, shown.height)
            except UnreadableFile as error:
                undrawn.append(error)
                shown = None
        if shown is None and not text.strip():
            return None
        one = Evidence(
            number=1,
            document=hit.ref.document,
            name=self._source.document_name(hit.ref.document),
            version=hit.ref.version,
            page=hit.page,
            kind=hit.kind or "text",
            passages=(hit.ref.id,),
            hits=(),
            regions=(),
            places=hit.places,
            text=text,
            picture=shown,
        )
        return messages_of(self._prompts, "relevance", [one], pictures, question=question)

    def _own_words(self, hit: Hit) -> str:
        """Of what was found by a model's description: the words printed there, and where it stands."""
        regions = self._source.regions_of(hit.ref.document, hit.regions) if hit.description else []
        return "\n".join(filter(None, (hit.context, *(region.text[:_READ] for region in regions))))

    def _is_drawn(self, hit: Hit, limits: Limits) -> bool:
        return self._pictures and limits.pictures > 0 and hit.kind in ("table", "figure")

    def _shown(self, hit: Hit, limits: Limits) -> Shown | None:
        """The picture of a table or figure: legible, or barely so, or none if it costs too much."""
        if not self._is_drawn(hit, limits):
            return None
        page = self._source.page(hit.ref.document, hit.page)
        box = BBox.union(place.bbox for place in hit.places if place.page == hit.page).grown(_MARGIN)
        most = min(self._visual_tokens, int(limits.context * _SHARE))
        ways = (picture_of(box, page, self._counter, target) for target in (LEGIBLE, BARELY))
        return next((shown for shown in ways if shown and shown.tokens <= most), None)


def probability_of_yes(first: Mapping[str, float]) -> float | None:
    """p(yes) / (p(yes) + p(no)) from the log-probabilities of a first token's likeliest texts; None without either.

    "Yes", " yes" and "YES" are one. Of two words one of which is not among the texts, that one is taken to be as likely
    as it can be: as the least likely of them, or as what they leave of 1.
    """
    found = {"yes": 0.0, "no": 0.0}
    for token, logprob in first.items():
        word = token.strip("▁Ġ \t\n\"'*.").casefold()
        if word in found:
            found[word] += math.exp(logprob)
    if not any(found.values()):
        return None
    listed = [math.exp(logprob) for logprob in first.values()]
    most = max(min(*listed, 1.0 - sum(listed)), 0.0)
    yes, no = (probability or most for probability in found.values())
    return yes / (yes + no)
