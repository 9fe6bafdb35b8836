"""What Octavo's generation costs beside the bare OpenAI client: the same prompts, the same server, in turns.

    python benchmarks/generation.py --base-url http://127.0.0.1:8000/v1 --model NAME [--processor NAME]

The evidence is that of the example questions, found once beforehand. In turns, each at 1, 8 and 32 requests at a time:

- client: `openai.AsyncOpenAI` streams the replies to prompts that are there already
- chat: the same prompts through Octavo's chat model
- generation: from the hits on: packing, drawing the crops, the prompt, the stream, markers, grounding, the answer

Start the server with `--no-enable-prefix-caching --mm-processor-cache-gb 0`: each question is asked many times, and
would otherwise cost it nothing. Ratios are those of neighbouring turns: requests per second over the client's.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from octavo import DocumentQA
from octavo.errors import ReplyFailed
from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.types import Delta
from octavo.generators.chat.vllm import vllm_chat
from octavo.generators.evidence.types import EvidenceSource
from octavo.generators.options import ChatOptions, GeneratorOptions
from octavo.generators.vision import VisionGenerator
from octavo.pipelines.build import Parts
from octavo.pipelines.evidence import LibraryEvidence
from octavo.pipelines.settings import Settings
from octavo.retrievers.types import Hit

EXAMPLES = Path(__file__).parents[1] / "examples"
AT_A_TIME = (1, 8, 32)
TEMPERATURE = 1.0  # a random model would otherwise repeat one word, or half a character, for ever
WHOLE = {"ignore_eos": True}
"""vLLM writes replies of the full length."""


class Asked(NamedTuple):
    question: str
    hits: list[Hit]


class Prompt(NamedTuple):
    messages: Sequence[Any]
    max_tokens: int


class Turn(NamedTuple):
    """Requests per second, and the seconds of each request."""

    rate: float
    seconds: list[float]


Ask = Callable[[int], Awaitable[None]]
"""Asks the n-th question."""


class Listening:
    """A chat model that keeps the prompts that pass through it."""

    def __init__(self, chat: LlamaIndexChat) -> None:
        self._chat = chat
        self.heard: list[Prompt] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._chat, name)

    async def stream(self, messages: Sequence[Any], *, max_tokens: int) -> AsyncGenerator[Delta]:
        self.heard.append(Prompt(messages, max_tokens))
        async with aclosing(self._chat.stream(messages, max_tokens=max_tokens)) as deltas:
            async for delta in deltas:
                yield delta


def found(library: Path) -> list[Asked]:
    """The example questions with what search finds."""
    questions = [json.loads(line) for line in (EXAMPLES / "questions.jsonl").read_text().splitlines()]
    with DocumentQA.open(library) as qa:
        qa.add(*sorted(EXAMPLES.glob("*.pdf")))
        return [Asked(one["question"], hits) for one in questions if (hits := qa.search(one["question"], k=5))]


def as_openai(prompt: Prompt) -> list[Any]:
    """The messages as the client takes them."""

    def part(block: Any) -> dict[str, Any]:
        if block.block_type == "text":
            return {"type": "text", "text": block.text}
        url = f"data:image/png;base64,{base64.b64encode(block.resolve_image().read()).decode()}"
        return {"type": "image_url", "image_url": {"url": url}}

    return [{"role": m.role.value, "content": [part(block) for block in m.blocks]} for m in prompt.messages]


async def turn(ask: Ask, numbers: Sequence[int], at_a_time: int) -> Turn:
    places, seconds = asyncio.Semaphore(at_a_time), list[float]()

    async def one(n: int) -> None:
        async with places:
            start = time.perf_counter()
            await ask(n)
            seconds.append(time.perf_counter() - start)

    start = time.perf_counter()
    await asyncio.gather(*map(one, numbers))
    return Turn(len(numbers) / (time.perf_counter() - start), seconds)


async def measure(said: argparse.Namespace, asked: Sequence[Asked], source: EvidenceSource) -> None:
    from openai import AsyncOpenAI

    server = {"base_url": said.base_url, "model": said.model}
    chat = vllm_chat(ChatOptions(**server, timeout=600, temperature=TEMPERATURE, extra_body=WHOLE))
    options = GeneratorOptions(max_tokens=said.max_tokens, processor=said.processor)
    listening = Listening(chat)
    for one in asked:
        await answered(VisionGenerator(listening, source, options), one)
    prompts, bodies = listening.heard, [as_openai(prompt) for prompt in listening.heard]
    pictures = [sum(part["type"] == "image_url" for message in body for part in message["content"]) for body in bodies]
    print(f"{len(asked)} questions, {statistics.mean(pictures):.1f} pictures each, replies of {said.max_tokens} tokens")
    generator = VisionGenerator(chat, source, options)
    openai = AsyncOpenAI(base_url=said.base_url, api_key="none", max_retries=0, timeout=600)

    async def client(n: int) -> None:
        stream = await openai.chat.completions.create(
            model=said.model,
            messages=bodies[n],
            max_tokens=prompts[n].max_tokens,
            temperature=TEMPERATURE,
            stream=True,
            stream_options={"include_usage": True},
            extra_body=WHOLE,
        )
        async for _ in stream:
            pass

    async def through_chat(n: int) -> None:
        async with aclosing(chat.stream(prompts[n].messages, max_tokens=prompts[n].max_tokens)) as deltas:
            async for _ in deltas:
                pass

    async def generation(n: int) -> None:
        await answered(generator, asked[n])

    ways: dict[str, Ask] = {"client": client, "chat": through_chat, "generation": generation}
    print("\n| at a time | | requests/s | ratio | p50 s | p95 s |\n|---|---|---|---|---|---|")
    for at_a_time in said.at_a_time:
        numbers = [n % len(asked) for n in range(max(said.least, said.each * at_a_time))]
        turns: dict[str, list[Turn]] = {name: [] for name in ways}
        for _ in range(said.turns):
            for name, ask in ways.items():
                turns[name].append(await turn(ask, numbers, at_a_time))
        for name, taken in turns.items():
            report(at_a_time, name, taken, turns["client"])
    await chat.aclose()


async def answered(generator: VisionGenerator, one: Asked) -> None:
    # Cut off, a random model may have written no whole sentence. That is seen at the very end.
    with suppress(ReplyFailed):
        async with aclosing(generator.stream(one.question, one.hits)) as events:
            async for _ in events:
                pass


def report(at_a_time: int, name: str, turns: Sequence[Turn], client: Sequence[Turn]) -> None:
    ratios = [one.rate / other.rate for one, other in zip(turns, client, strict=True)]
    spread = f"{statistics.mean(ratios):.3f} ({min(ratios):.2f} to {max(ratios):.2f})" if name != "client" else ""
    seconds = sorted(second for one in turns for second in one.seconds)
    p50, p95 = statistics.median(seconds), seconds[int(0.95 * (len(seconds) - 1))]
    rate = statistics.mean(one.rate for one in turns)
    print(f"| {at_a_time} | {name} | {rate:.2f} | {spread} | {p50:.3f} | {p95:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/v1")
    parser.add_argument("--model", required=True)
    parser.add_argument("--processor", help="the model's folder or Hugging Face name, where --model is an alias")
    parser.add_argument("--max-tokens", type=int, default=128)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--each", type=int, default=3, help="requests of a turn, for each that runs at a time")
    parser.add_argument("--least", type=int, default=29, help="requests of a turn, at least")
    parser.add_argument("--at-a-time", type=int, nargs="*", default=AT_A_TIME)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library"
        asked = found(library)
        parts = Parts(Settings.load(overrides={"library": {"path": library}}), create=False, read_only=True)
        with parts.library:
            asyncio.run(measure(said, asked, LibraryEvidence(parts.library)))


if __name__ == "__main__":
    main()
