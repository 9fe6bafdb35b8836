"""Between tasks and threads: work that ends with its caller's task, and a stream that another thread takes."""

from __future__ import annotations

import queue
from collections.abc import AsyncIterator, Callable, Generator
from functools import partial
from threading import Event as Flag
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.lowlevel
from anyio import to_thread

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

T = TypeVar("T")


async def stoppable(work: Callable[..., T]) -> T:
    """What `work` gives, on a thread; cancelling sets the flag it takes as `stopped`."""
    stopped = Flag()
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_set_at_end, stopped)
            result = await to_thread.run_sync(partial(work, stopped=stopped))
            tasks.cancel_scope.cancel()
    except BaseExceptionGroup as group:  # of one: what `work` raised
        raise group.exceptions[0] from None
    await anyio.lowlevel.checkpoint()  # the group's own end hides a cancellation from outside
    return result


async def _set_at_end(flag: Flag) -> None:
    try:
        await anyio.sleep_forever()
    finally:
        flag.set()


def taken(portal: BlockingPortal, items: Callable[[], AsyncIterator[T]]) -> Generator[T]:
    """What `items` gives, called and run through in the portal's loop; whoever stops taking stops it."""
    waiting: queue.SimpleQueue[tuple[T] | None] = queue.SimpleQueue()

    async def pump() -> None:
        # One task from first to last: what the iterator opens in it, it can close in it.
        try:
            async for item in items():
                waiting.put((item,))
        finally:
            waiting.put(None)

    running = portal.start_task_soon(pump)
    try:
        while (one := waiting.get()) is not None:
            yield one[0]
        running.result()
    finally:
        running.cancel()
