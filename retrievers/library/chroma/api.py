"""Chroma: how to reach it, and its errors in Octavo's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import SplitResult, urlsplit

from ....errors import IndexDamaged, OctavoError, ServerUnavailable, SettingsError
from .. import disk

if TYPE_CHECKING:
    from chromadb.api.client import Client

MAKE_ANEW = "`octavo verify --repair` makes it anew from library.db"


class CollectionLost(ServerUnavailable):
    """The server has come back without the collection; the next use writes it anew."""


def connect(location: Path | str) -> Client:
    """A client of the Chroma in a folder, or at a URL. Raises what Chroma raises."""
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if isinstance(location, Path):
        try:
            return cast("Client", chromadb.PersistentClient(location, settings))
        except BaseException:
            # Chroma (1.5.9) remembers what it failed to start, and hands it out to whoever tries again.
            SharedSystemClient._identifier_to_system.pop(str(location), None)
            raise
    url = urlsplit(location if "//" in location else f"http://{location}")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise SettingsError(
            f"{location!r} is no address of a Chroma server", where="library.chroma", cure="write http://HOST:PORT"
        )
    secure = url.scheme == "https"
    return cast("Client", chromadb.HttpClient(url.hostname, _port(url), ssl=secure, settings=settings))


def check(address: str) -> None:
    """Raises ServerUnavailable unless a Chroma server answers there."""
    with explaining(address):
        connect(address).close()


@contextmanager
def explaining(location: Path | str) -> Iterator[None]:
    """Whatever Chroma raises in this block, as an OctavoError."""
    import httpx
    from chromadb.errors import ChromaError, NotFoundError

    try:
        yield
    except NotFoundError as error:
        raise CollectionLost(
            "the Chroma server has lost this library's vectors",
            where=str(location),
            cure="try again: they are written anew from library.db",
        ) from error
    except (httpx.HTTPError, ChromaError) as error:
        raise _explained(error, location) from error
    except ValueError as error:
        # The client itself raises this when it cannot connect, or cannot open a folder.
        if "Could not connect" not in str(error):
            raise
        raise _explained(error, location) from error
    except OSError as error:
        raise disk.explained(error, str(location)) from error
    except BaseException as error:
        # A panic of Chroma's Rust code: no subclass of Exception, and of a type that cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise IndexDamaged(f"Chroma panics ({error})", where=str(location), cure=MAKE_ANEW) from error


def _explained(error: Exception, location: Path | str) -> OctavoError:
    from chromadb.errors import ChromaError

    if isinstance(location, Path):
        return _embedded(error, location)
    if isinstance(error, ChromaError):
        return OctavoError(f"the Chroma server refuses ({error})", where=location, cure="see what the server logs")
    return ServerUnavailable(
        f"the Chroma server does not answer ({error})",
        where=location,
        cure=f"start it ({how_to_start(location)}), or unset library.chroma",
    )


def how_to_start(address: str) -> str:
    """The command that starts a Chroma server at `address`."""
    url = urlsplit(address)
    return f"on {url.hostname}: `chroma run --path DIR --host {url.hostname} --port {_port(url)}`"


def _port(url: SplitResult) -> int:
    try:
        return url.port or (443 if url.scheme == "https" else 8000)
    except ValueError as error:
        raise SettingsError(str(error), where="library.chroma", cure="write http://HOST:PORT") from error


def _embedded(error: Exception, folder: Path) -> OctavoError:
    """Chroma passes on what its own SQLite said as text; what its graph met, not even that."""
    from chromadb.errors import InternalError

    where = str(folder)
    said = re.search(r"\(code: (\d+)\)", str(error))
    match int(said[1]) & 0xFF if said else None:  # the low byte is SQLite's primary code
        case 13:  # FULL
            return disk.full(where)
        case 3 | 8 | 14:  # PERM, READONLY, CANTOPEN
            return disk.full(where) if disk.looks_full(folder) else disk.refuses(error, where)
        case 10:  # IOERR
            return disk.full(where) if disk.looks_full(folder) else disk.fails(error, where)
    if disk.looks_full(folder):
        return disk.full(where)
    if isinstance(error, InternalError):
        return IndexDamaged(f"the vector index cannot be read ({error})", where=where, cure=MAKE_ANEW)
    return OctavoError(f"the vector index cannot be used ({error})", where=where, cure=MAKE_ANEW)
