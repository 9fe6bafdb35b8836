"""Processes that are killed between any two steps, and at any moment: nothing is lost, nothing half there."""

from __future__ import annotations

import random
import signal
import sys
import time
from collections import defaultdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

import pytest

from octavo.retrievers.library import Library, failpoints
from octavo.retrievers.library.care.healing import vectors_before
from octavo.retrievers.library.chroma import vectors as vectors_module
from octavo.tests.retrievers.library.material import MAKER, PROCESSES, dies_at, passage, run_and_die
from octavo.tests.retrievers.library.upsets import (
    HISTORIES,
    MENDING,
    OTHER,
    PASSAGES,
    act,
    check,
    embedded,
    nothing_left_over,
    prepare,
    said_in,
    sayer,
    steps_of,
    whole,
)

if TYPE_CHECKING:
    from chromadb.api.collection_configuration import CreateHNSWConfiguration

REBUILDING: tuple[failpoints.Step, ...] = (
    "passages rebuilt",
    "before flip",
    "flipped",
    "index rows written",
    "old vectors dropped",
)
ONLY_REBUILDING = {"passages rebuilt", "old vectors dropped"}
STEPS: tuple[failpoints.Step, ...] = tuple(step for step in get_args(failpoints.Step) if step not in ONLY_REBUILDING)
KILLS_PER_STEP = 5
RANDOM_KILLS = 50


def run(folder: Path, history: str, said: Path) -> None:
    with Library.open(folder, maker=MAKER) as library:
        act(library, HISTORIES[history].steps, sayer(said))


def killed_at(folder: Path, history: str, said: Path, step: failpoints.Step, nth: int) -> None:
    failpoints.hook = dies_at(step, nth)
    run(folder, history, said)


def begun(folder: Path, history: str, said: Path, first_write: Connection, every: int | None) -> None:
    """Says when it first writes, and goes on until it is killed.

    With `every`, Chroma writes its graph to disk every so many rows.
    """
    if every is not None:
        graph = {**(vectors_module._CONFIGURATION["hnsw"] or {}), "sync_threshold": every, "batch_size": every}
        vectors_module._CONFIGURATION["hnsw"] = cast("CreateHNSWConfiguration", graph)
    waiting = True

    def hook(_: failpoints.Step) -> None:
        nonlocal waiting
        if waiting:
            waiting = False
            first_write.send(None)

    failpoints.hook = hook
    run(folder, history, said)


def note(what: str) -> None:
    """Pytest shows this when the test fails."""
    sys.stdout.write(f"{what}\n")


@pytest.fixture(scope="module")
def occurrences(tmp_path_factory: pytest.TempPathFactory) -> dict[failpoints.Step, list[tuple[str, int]]]:
    """Where each step is reached: which history, and for the how manieth time."""
    found: dict[failpoints.Step, list[tuple[str, int]]] = defaultdict(list)
    for name, history in HISTORIES.items():
        for step, count in steps_of(tmp_path_factory.mktemp("counted") / "library", history).items():
            found[step] += [(name, nth) for nth in range(1, count + 1)]
    return found


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_every_step(
    tmp_path: Path, step: failpoints.Step, occurrences: dict[failpoints.Step, list[tuple[str, int]]]
) -> None:
    assert occurrences[step], f"no history comes by {step!r}"
    seed = STEPS.index(step)
    random.Random(seed).shuffle(occurrences[step])
    for n in range(max(KILLS_PER_STEP, len({history for history, _ in occurrences[step]}))):
        history, nth = occurrences[step][n % len(occurrences[step])]
        note(f"seed {seed}: killed in {history!r} at {step!r} number {nth}")
        folder, said = tmp_path / str(n) / "library", tmp_path / str(n) / "said"
        folder.parent.mkdir()
        prepare(folder, HISTORIES[history])
        run_and_die(killed_at, folder, history, said, step, nth)
        check(folder, HISTORIES[history], said_in(said), mending=history in MENDING)


def killed_after(tmp_path: Path, history: str, share: float, longest: float, every: int | None = None) -> bool:
    """Kill a process a `share` of `longest` seconds after its first write; whether it was still running."""
    folder, said = tmp_path / "library", tmp_path / "said"
    prepare(folder, HISTORIES[history])
    here, there = PROCESSES.Pipe(duplex=False)
    child = PROCESSES.Process(target=begun, args=(folder, history, said, there, every))
    child.start()
    assert here.poll(60)
    time.sleep(share * longest)
    child.kill()
    child.join(60)
    killed = child.exitcode == -signal.SIGKILL
    assert killed or child.exitcode == 0
    check(folder, HISTORIES[history], said_in(said), mending=history in MENDING)
    return killed


def test_kills_at_any_moment_after_the_first_write(tmp_path: Path) -> None:
    killed = 0
    for seed in range(4 * RANDOM_KILLS):
        chance = random.Random(seed)
        history, share = chance.choice(list(HISTORIES)), chance.random()
        note(f"seed {seed}: {history!r} killed after {share:.3f}")
        folder = tmp_path / str(seed)
        folder.mkdir()
        killed += killed_after(folder, history, share, 0.08)
        if killed == RANDOM_KILLS:
            return
    pytest.fail(f"only {killed} processes were still running when they were to be killed")


def test_kills_while_chroma_writes_its_graph(tmp_path: Path) -> None:
    """Chroma writes the graph in place; a torn one crashes whoever opens it."""
    for seed in range(8):
        chance = random.Random(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        share = chance.random()
        note(f"seed {seed}: killed after {share:.3f}")
        killed_after(folder, "several", share, 0.15, every=3)


def rebuilt(folder: Path) -> int:
    """Embed everything by another embedder, and open the library as that left it; counts passages that were made."""
    made = 0
    with Library.open(folder, maker=None) as library:
        if library.maker != OTHER:
            with library.rebuilding(OTHER, token_vectors=False) as work:
                for version in work.versions():
                    done = work.passages_done(version)
                    for order in range(PASSAGES if done is None else done, PASSAGES):
                        some = [passage(version.document, order)]
                        work.add_passages(version, some, embedded(OTHER, version.document, some), None)
                        made += 1
                    work.finish(version)
                work.commit()
    Library.open(folder, maker=OTHER).close()
    return made


def rebuilt_and_killed(folder: Path, step: failpoints.Step, nth: int) -> None:
    failpoints.hook = dies_at(step, nth)
    rebuilt(folder)


@pytest.mark.parametrize("step", REBUILDING)
def test_a_kill_at_every_step_of_another_embedder(tmp_path: Path, step: failpoints.Step) -> None:
    """The library is the old one or the new one, and no passage is embedded twice."""
    abc = {name: "v1" for name in ("a.pdf", "b.pdf", "c.pdf")}
    for n in range(KILLS_PER_STEP):
        folder = tmp_path / str(n) / "library"
        folder.parent.mkdir()
        prepare(folder, HISTORIES["removed"])
        before = 4 * n  # another kill, a little later each time
        if before:
            run_and_die(rebuilt_and_killed, folder, "passages rebuilt", before)
        run_and_die(rebuilt_and_killed, folder, step, 1)
        before += step == "passages rebuilt"
        with Library.open(folder, maker=None) as library:
            assert (library.maker == MAKER) == (step in ("passages rebuilt", "before flip"))
            whole(library, abc)
            assert library.verify() == []
            taken_over = library.maker == OTHER
        assert rebuilt(folder) == (0 if taken_over or step == "before flip" else len(abc) * PASSAGES - before)
        with Library.open(folder, maker=OTHER) as library:
            whole(library, abc)
            assert library.verify() == []
            nothing_left_over(library)
            assert vectors_before(library._database) is None
        assert not list(folder.glob("rebuild.db*"))
