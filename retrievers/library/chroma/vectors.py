"""The vector index: one Chroma collection, embedded in the library's folder or on a server.

It holds no truth. Rows may be missing or left over after a crash; `library.db` decides what counts and mends it.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....errors import OctavoError
from .. import disk
from ..failpoints import reached
from . import api

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from chromadb.api.models.Collection import Collection

# M, ef_construction and ef of the graph. Doubling the first two halves the insert rate (1,460 → 720 vectors/s at 100k ×
# 384) for what a longer result list gives as well: Chroma searches with max(ef, n_results).
_CONFIGURATION: CreateCollectionConfiguration = {
    "hnsw": {"space": "cosine", "max_neighbors": 16, "ef_construction": 100, "ef_search": 100}
}
_IDS_PER_GET = 20_000


class VectorRow(NamedTuple):
    """What the index keeps of a passage besides its vector."""

    id: str
    document: str
    version: str
    kind: str
    first_page: int
    last_page: int

    def metadata(self) -> dict[str, str | int]:
        return {name: value for name, value in self._asdict().items() if name != "id"}


class Vectors:
    """The collection of one library; opened at the first use, usable from any thread.

    Args:
        location: The folder of an embedded Chroma, or the URL of a server.
        name: The library's name for it; several libraries may share a server.
    """

    def __init__(self, location: Path | str, name: str) -> None:
        self.location = location
        self.name = f"octavo-{name}"
        self._changed = threading.Condition()
        self._users = 0
        self._closed = False
        self._failed = False
        self._client: Client | None = None
        self._collection: Collection | None = None
        self._batch = 0

    def close(self) -> None:
        """Let go of the client, once nobody uses it; an embedded one closes its files. It does not open again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._users == 0)
            self._let_go()

    def upsert(self, rows: Sequence[VectorRow], vectors: NDArray[np.float32]) -> None:
        """Write `rows` with their `vectors` (n, d), over rows of the same ids.

        Raises:
            DiskFull: There is too little room for an embedded index to be written safely.
        """
        with self._using(writing=4 * vectors.nbytes) as collection:
            for start in range(0, len(rows), self._batch):
                some = slice(start, start + self._batch)
                collection.upsert(
                    ids=[row.id for row in rows[some]],
                    embeddings=vectors[some],
                    metadatas=[row.metadata() for row in rows[some]],
                )

    def query(
        self, vector: NDArray[np.float32], k: int, where: Mapping[str, Any] | None = None
    ) -> list[tuple[str, float]]:
        """Up to `k` ids with their cosine similarity to `vector` (d,), best first. An approximate search."""
        with self._using() as collection:
            found = collection.query(
                query_embeddings=vector[None, :],
                n_results=k,
                where=dict(where) if where else None,
                include=["distances"],
            )
        (distances,) = found["distances"] or [[]]
        return [(row, 1.0 - distance) for row, distance in zip(found["ids"][0], distances, strict=True)]

    def delete(self, document: str, version: str) -> None:
        """Delete every row of a version."""
        with self._using(writing=0) as collection:
            collection.delete(where={"$and": [{"document": document}, {"version": version}]})

    def delete_ids(self, ids: Sequence[str]) -> None:
        """Delete rows by id; unknown ids are no error."""
        with self._using(writing=0) as collection:
            for start in range(0, len(ids), self._batch):
                collection.delete(ids=list(ids[start : start + self._batch]))

    def drop(self) -> None:
        """Delete the collection itself; close it afterwards."""
        with self._using() as collection:
            assert self._client is not None
            self._client.delete_collection(collection.name)

    def count(self) -> int:
        with self._using() as collection:
            return collection.count()

    def ids(self, where: Mapping[str, Any] | None = None) -> Iterator[str]:
        """The ids of all rows, or of those that `where` (Chroma's language) admits. Not while rows are written."""
        start = 0
        while True:
            with self._using() as collection:
                found = collection.get(
                    where=dict(where) if where else None, include=[], limit=_IDS_PER_GET, offset=start
                )["ids"]
            yield from found
            if len(found) < _IDS_PER_GET:
                return
            start += len(found)

    def stored(self, ids: Sequence[str]) -> dict[str, tuple[dict[str, Any], NDArray[np.float32]]]:
        """Metadata and vector (d,) of rows; those that are not there are left out."""
        if not ids:
            return {}
        with self._using() as collection:
            found = collection.get(ids=list(ids), include=["metadatas", "embeddings"])
        metadatas, embeddings = found["metadatas"], found["embeddings"]
        assert metadatas is not None
        assert embeddings is not None
        rows = zip(found["ids"], metadatas, np.asarray(embeddings, np.float32), strict=True)
        return {row: (dict(metadata), vector) for row, metadata, vector in rows}

    def clear(self) -> None:
        """Delete the folder of an embedded index; the next use begins a new one."""
        assert isinstance(self.location, Path)
        with self._changed:
            self._changed.wait_for(lambda: self._users == 0)
            self._let_go()
            clear(self.location)

    @contextmanager
    def _using(self, writing: int | None = None) -> Iterator[Collection]:
        """The collection, which `close` waits for: its caller gives up the lock on the folder.

        Args:
            writing: About how many bytes will be written, if any.
        """
        with api.explaining(self.location):
            if writing is not None and isinstance(self.location, Path):
                disk.check_room(self.location, writing)
            with self._changed:
                self._changed.wait_for(lambda: self._closed or not self._failed)
                if self._closed:
                    raise OctavoError("the library is closed", where=str(self.location))
                collection = self._collection or self._open()
                self._users += 1
            failed = True
            try:
                yield collection
                failed = False
            finally:
                with self._changed:
                    self._users -= 1
                    # Not used again: a call to an embedded Chroma that has failed to write may never return.
                    self._failed = self._failed or (failed and isinstance(self.location, Path))
                    if self._failed and self._users == 0:
                        self._let_go()
                    self._changed.notify_all()

    def forget(self) -> None:
        """Have no collection: the next use looks for it again, and makes it where there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._users == 0)
            self._let_go()

    def _open(self) -> Collection:
        client = api.connect(self.location)
        try:
            self._batch = client.get_max_batch_size()
            # Without `embedding_function=None` Chroma would set out to download its own model.
            self._collection = client.get_or_create_collection(
                self.name, embedding_function=None, configuration=_CONFIGURATION
            )
        except BaseException:
            client.close()
            raise
        self._client = client
        return self._collection

    def _let_go(self) -> None:
        client, self._client, self._collection, self._failed = self._client, None, None, False
        if client is not None:
            client.close()


def clear(folder: Path) -> None:
    """Delete the folder of an embedded index; a kill leaves it whole, or out of the way."""
    clear_left_over(folder)
    with disk.explaining(folder):
        if folder.exists():
            folder.rename(_aside(folder))
            reached("index set aside")
    clear_left_over(folder)


def clear_left_over(folder: Path) -> None:
    """Delete what a `clear` that was killed has left."""
    with disk.explaining(folder):
        if _aside(folder).exists():
            shutil.rmtree(_aside(folder))


def _aside(folder: Path) -> Path:
    return folder.with_suffix(".old")
