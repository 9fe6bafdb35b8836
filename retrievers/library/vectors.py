"""The vector index: one Chroma collection, embedded in the library's folder or on a server.

It holds no truth. Rows may be missing or left over after a crash; `library.db` decides what counts and mends it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from ...errors import OctavoError, ServerUnavailable, SettingsError

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from chromadb.api.models.Collection import Collection

_log = logging.getLogger(__name__)

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


class CollectionLost(ServerUnavailable):
    """The server has come back without the collection; the next use writes it anew."""


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
        self._client: Client | None = None
        self._collection: Collection | None = None
        self._batch = 0

    def close(self) -> None:
        """Let go of the client, once nobody uses it; an embedded one closes its files. It does not open again."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: self._users == 0)
            client, self._client, self._collection = self._client, None, None
        if client is not None:
            client.close()

    def upsert(self, rows: Sequence[VectorRow], vectors: NDArray[np.float32]) -> None:
        """Write `rows` with their `vectors` (n, d), over rows of the same ids."""
        with self._using() as collection:
            for start in range(0, len(rows), self._batch):
                some = slice(start, start + self._batch)
                collection.upsert(
                    ids=[row.id for row in rows[some]],
                    embeddings=vectors[some],
                    metadatas=[_metadata(row) for row in rows[some]],
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
        with self._using() as collection:
            collection.delete(where={"$and": [{"document": document}, {"version": version}]})

    def delete_ids(self, ids: Sequence[str]) -> None:
        """Delete rows by id; unknown ids are no error."""
        with self._using() as collection:
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

    @contextmanager
    def _using(self) -> Iterator[Collection]:
        """The collection, which `close` waits for: its caller gives up the lock on the folder."""
        with self._explaining():
            with self._changed:
                if self._closed:
                    raise OctavoError("the library is closed", where=str(self.location))
                collection = self._collection or self._open()
                self._users += 1
            try:
                yield collection
            finally:
                with self._changed:
                    self._users -= 1
                    self._changed.notify_all()

    def forget(self) -> None:
        """Have no collection: the next use looks for it again, and makes it where there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._users == 0)
            client, self._client, self._collection = self._client, None, None
        if client is not None:
            client.close()

    def _open(self) -> Collection:
        client = connect(self.location)
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

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Chroma's errors in Octavo's words."""
        import httpx
        from chromadb.errors import ChromaError, NotFoundError

        try:
            yield
        except NotFoundError as error:
            raise CollectionLost(
                "the Chroma server has lost this library's vectors",
                where=str(self.location),
                cure="try again: they are written anew from library.db",
            ) from error
        except (httpx.HTTPError, ChromaError, ValueError) as error:
            # The client itself raises ValueError when it cannot connect, or cannot open a folder.
            if isinstance(error, ValueError) and "Could not connect" not in str(error):
                raise
            if isinstance(self.location, Path):
                raise OctavoError(
                    f"the vector index cannot be used ({error})",
                    where=str(self.location),
                    cure="check disk and permissions; if it is damaged, delete this folder: it is made anew from "
                    "library.db",
                ) from error
            if isinstance(error, ChromaError):
                raise OctavoError(f"the Chroma server refuses ({error})", where=self.location) from error
            raise ServerUnavailable(
                f"the Chroma server does not answer ({error})",
                where=self.location,
                cure="start it (`chroma run --path DIR --host 127.0.0.1 --port 8000`), or unset library.chroma",
            ) from error


def connect(location: Path | str) -> Client:
    """A client of the Chroma in a folder, or at a URL. Raises what Chroma raises."""
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if isinstance(location, Path):
        return cast("Client", chromadb.PersistentClient(location, settings))
    url = urlsplit(location if "//" in location else f"http://{location}")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise SettingsError(
            f"{location!r} is no address of a Chroma server", where="library.chroma", cure="write http://HOST:PORT"
        )
    secure = url.scheme == "https"
    port = url.port or (443 if secure else 8000)
    return cast("Client", chromadb.HttpClient(url.hostname, port, ssl=secure, settings=settings))


def _metadata(row: VectorRow) -> dict[str, str | int]:
    return {name: value for name, value in row._asdict().items() if name != "id"}
