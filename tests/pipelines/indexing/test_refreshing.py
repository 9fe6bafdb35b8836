"""Refreshing: what is stale is told, and read or embedded again; pages that failed are read again, and only they."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from octavo import DocumentQA
from octavo.errors import UnknownDocument
from octavo.ingest import identity
from octavo.pipelines.indexing import comparing, indexer, staleness
from octavo.pipelines.status import Status
from octavo.retrievers.library import failpoints
from octavo.retrievers.types import Filters

from ..conftest import GARDEN, LIGHTHOUSE, PoolHere, interrupted, write_pdf

PAGES = [*LIGHTHOUSE, *GARDEN, *LIGHTHOUSE, *GARDEN]  # six
PLANTS = ["tomato", "bean", "pea", "leek", "beet", "radish", "carrot", "onion", "garlic", "potato", "celery", "kale"]


@pytest.fixture
def opened(tmp_path: Path, quick: dict[str, Any]) -> Iterator[Callable[..., DocumentQA]]:
    """Opens the library with other settings; the one opened before is closed."""
    last: list[DocumentQA] = []

    def open_(**sections: dict[str, Any]) -> DocumentQA:
        for qa in last:
            qa.close()
        changed = {name: {**quick.get(name, {}), **section} for name, section in sections.items()}
        last[:] = [DocumentQA.open(tmp_path / "library", **{**quick, **changed})]
        return last[0]

    yield open_
    for qa in last:
        qa.close()


def reasons(status: Status) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.name, one.why, one.settings) for one in status.stale]


def content(qa: DocumentQA, name: str) -> Any:
    """Pages and passages, without what names the version."""
    library, document = qa._core._library, qa.document(name)
    pages = [(p.number, p.notes, [(r.kind, r.text, r.section) for r in p.regions]) for p in qa.pages(name)]
    passages = library.passages(library.passage_ids(Filters(documents=(document.id,))))
    for page in qa.pages(name):
        assert all(region.id.startswith(document.version[:16]) for region in page.regions)
    assert {region for passage in passages for region in passage.regions} <= {
        region.id for page in qa.pages(name) for region in page.regions
    }
    return pages, [(p.order, p.kind, p.text, p.places) for p in passages]


def test_other_settings_are_told_and_refreshed(
    opened: Callable[..., DocumentQA], tmp_path: Path, pool: type[PoolHere]
) -> None:
    one = write_pdf(tmp_path / "one.pdf", PAGES)
    two = write_pdf(tmp_path / "two.pdf", GARDEN)
    opened().add(one, two)
    qa = opened(ingest={"ocr_dpi": 200})
    assert reasons(qa.status()) == [("one.pdf", "settings", ("ocr_dpi",)), ("two.pdf", "settings", ("ocr_dpi",))]
    assert any("`octavo refresh`" in value for _, value in qa.status().lines())
    before = qa.document("one.pdf")
    pool.reads.clear()
    report = qa.refresh("one.pdf")
    assert (report.replaced, report.failed) == (1, ())
    assert pool.reads == [(f"{before.content}.pdf", 1)]  # the library's copy
    assert reasons(qa.status()) == [("two.pdf", "settings", ("ocr_dpi",))]
    assert qa.refresh().replaced == 1
    after = qa.document("one.pdf")
    assert (after.id, after.name, after.source) == (before.id, before.name, before.source)
    assert qa.status().stale == ()
    assert qa.add(one, two).unchanged == 2
    nothing = qa.refresh()
    assert str(nothing).startswith("nothing to do")
    with pytest.raises(UnknownDocument):
        qa.refresh("three.pdf")
    assert qa.verify() == []


def test_passages_are_cut_again_without_reading(
    opened: Callable[..., DocumentQA], tmp_path: Path, pool: type[PoolHere]
) -> None:
    one = write_pdf(tmp_path / "one.pdf", [" ".join(f"The {plant} wants sun." for plant in PLANTS)])
    opened().add(one)
    one.unlink()
    qa = opened(ingest={"overlap_tokens": 0})
    assert reasons(qa.status()) == [("one.pdf", "passages", ("overlap_tokens",))]
    pages, passages = content(qa, "one.pdf")
    pool.reads.clear()
    assert qa.refresh().replaced == 1
    assert pool.reads == []
    again, more = content(qa, "one.pdf")
    assert again == pages
    assert len(more) < len(passages)
    assert len(list((tmp_path / "library" / "originals").iterdir())) == 1
    assert qa.status().stale == ()


def test_passages_of_an_older_cutter_are_cut_again_without_reading(
    opened: Callable[..., DocumentQA], tmp_path: Path, pool: type[PoolHere], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = write_pdf(tmp_path / "one.pdf", GARDEN)
    opened().add(one)
    before = content(opened(), "one.pdf")
    for module in (identity, indexer, staleness):
        monkeypatch.setattr(module, "CUTTER", identity.CUTTER + 1)
    qa = opened()
    assert reasons(qa.status()) == [("one.pdf", "passages", ())]
    assert (
        "stale",
        "one document was cut into passages by an older Octavo\n→ `octavo refresh` embeds them again, "
        "and reads no file for it",
    ) in qa.status().lines()
    pool.reads.clear()
    assert qa.add(one).unchanged == 1  # its pages are good
    assert qa.refresh().replaced == 1
    assert pool.reads == []
    assert content(qa, "one.pdf") == before
    assert qa.status().stale == ()


@pytest.mark.parametrize("first", [True, False])
def test_token_vectors_switched_on_or_off(
    opened: Callable[..., DocumentQA], tmp_path: Path, pool: type[PoolHere], first: bool
) -> None:
    opened(embedder={"token_vectors": first}).add(write_pdf(tmp_path / "one.pdf", GARDEN))
    (tmp_path / "one.pdf").unlink()
    qa = opened(embedder={"token_vectors": not first})
    assert reasons(qa.status()) == [("one.pdf", "token vectors", ())]
    assert qa.refresh().replaced == 1
    library = qa._core._library
    assert bool(library.token_vectors(library.passage_ids())) is not first
    assert qa.status().stale == ()


def test_an_older_parser_is_told(
    opened: Callable[..., DocumentQA], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = write_pdf(tmp_path / "one.pdf", GARDEN)
    opened().add(one)
    for module in (identity, comparing, indexer, staleness):
        monkeypatch.setattr(module, "PARSER", "octavo-next")
    qa = opened()
    assert reasons(qa.status()) == [("one.pdf", "parser", ())]
    assert qa.add(one).replaced == 1
    assert qa.status().stale == ()


def test_what_cannot_be_read_again_stays(opened: Callable[..., DocumentQA], tmp_path: Path) -> None:
    linked = {"keep_originals": False}
    one, two = write_pdf(tmp_path / "one.pdf", GARDEN), write_pdf(tmp_path / "two.pdf", GARDEN)
    opened(ingest=linked).add(one, two)
    one.unlink()
    write_pdf(two, LIGHTHOUSE)
    qa = opened(ingest={**linked, "ocr_dpi": 200})
    report = qa.refresh()
    assert [failure.message.split(": ")[1].split(",")[0] for failure in report.failed] == [
        "the file is gone",
        "the file has changed since",
    ]
    assert len(qa.documents()) == 2
    assert qa.status().failures == ()  # nothing is wrong with what the library has
    qa = opened(ingest={**linked, "passage_tokens": 40})
    assert qa.refresh().replaced == 2  # from the pages
    assert qa.add(two).replaced == 1


def test_only_the_pages_that_failed_are_read_again(
    opened: Callable[..., DocumentQA], tmp_path: Path, pool: type[PoolHere]
) -> None:
    one = write_pdf(tmp_path / "one.pdf", PAGES)
    good = opened()
    good.add(one)
    whole = content(good, "one.pdf")
    good.remove("one.pdf")
    pool.failing = frozenset({2, 3, 5})
    qa = opened()
    qa.add(one)
    assert qa.add(one).unchanged == 1
    assert [failure.page for failure in qa.status().failures] == [2, 3, 5]
    assert any("octavo refresh --failed" in value for _, value in qa.status().lines())
    version = qa.document("one.pdf").version

    assert qa.refresh().unchanged == 0  # nothing is stale
    still = qa.refresh(failed=True)
    assert (still.unchanged, [failure.page for failure in still.failed_pages]) == (1, [2, 3, 5])
    assert (qa.document("one.pdf").version, qa.status().unfinished) == (version, ())

    pool.failing = frozenset({5})
    pool.reads.clear()
    better = qa.refresh(failed=True)
    assert (better.replaced, [failure.page for failure in better.failed_pages]) == (1, [5])
    assert [first for _, first in pool.reads] == [2, 5]
    assert [failure.page for failure in qa.status().failures] == [5]
    pool.failing = frozenset()
    assert qa.refresh("one.pdf", failed=True).replaced == 1
    assert qa.status().failures == ()
    assert content(qa, "one.pdf") == whole
    assert qa.add(one).unchanged == 1
    assert qa.verify() == []


def test_files_that_failed_are_read_again(opened: Callable[..., DocumentQA], tmp_path: Path) -> None:
    one, two = tmp_path / "one.pdf", tmp_path / "two.pdf"
    for path in (one, two):
        path.write_bytes(b"%PDF-1.7 half a file")
    qa = opened()
    assert len(qa.add(one, two).failed) == 2
    write_pdf(one, GARDEN)
    report = qa.refresh("one.pdf", failed=True)
    assert (report.added, report.failed) == (1, ())
    report = qa.refresh(failed=True)
    assert [Path(failure.source) for failure in report.failed] == [two]
    assert qa.remove("two.pdf") == "two.pdf"
    assert qa.status().failures == ()


@pytest.mark.parametrize("step", ["pages staged", "passages staged", "before flip"])
def test_an_interrupted_refresh_goes_on(
    opened: Callable[..., DocumentQA],
    tmp_path: Path,
    pool: type[PoolHere],
    step: failpoints.Step,
) -> None:
    one = write_pdf(tmp_path / "one.pdf", PAGES)
    pool.failing = frozenset({2, 6})
    qa = opened()
    qa.add(one)
    pool.failing = frozenset()
    with interrupted(step):
        qa.refresh(failed=True)
    assert [failure.page for failure in qa.status().failures] == [2, 6]  # the old version is live
    pool.reads.clear()
    assert qa.refresh(failed=True).replaced == 1
    assert 2 not in [first for _, first in pool.reads]  # it was staged
    assert (qa.status().failures, qa.status().unfinished) == ((), ())
    assert qa.verify() == []
