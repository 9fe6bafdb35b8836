"""Every error Octavo raises on purpose: what happened, where, and the cure.

The message is built once, here, so that the command line, the service and the logs say the same thing.
"""

from __future__ import annotations

import re

_MOVING = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_SHOWN = {code: ascii(chr(code))[1:-1] for code in _MOVING}


def shown(text: str) -> str:
    """`text` in one line, with escapes for what would move a terminal's cursor, change its colours or its direction.

    Names of files and what documents say are not ours: they may hold anything.
    """
    return text.translate(_SHOWN)


def public(text: str) -> str:
    """`text` with addresses that lack the names and passwords that may stand in them (`http://user:secret@host`)."""
    return re.sub(r"(?<=://)[^\s/?#]*@", "", text)


def counted(count: int, thing: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


class OctavoError(Exception):
    """Base of all of Octavo's errors.

    Args:
        what: One sentence saying what went wrong.
        where: The file, page, setting or address concerned, if any.
        cure: What the user can do about it, if anything.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str | None = None, cure: str | None = None) -> None:
        self.what = public(what)
        self.where, self.cure = where and public(where), cure and public(cure)
        super().__init__(self.what, self.where, self.cure)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{shown(text)}\n  → {shown(self.cure)}" if self.cure else shown(text)

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders; exceptions with keyword-only arguments do not pickle by themselves.
        return (_rebuild, (type(self), self.what, self.where, self.cure))


def _rebuild(kind: type[OctavoError], what: str, where: str | None, cure: str | None) -> OctavoError:
    return kind(what, where=where, cure=cure)


class SettingsError(OctavoError):
    """A setting is unknown, malformed or contradicts another."""

    exit_code = 2


class UnknownComponent(SettingsError):
    """A setting names an implementation that does not exist; the message lists those that do."""


class MissingExtra(OctavoError):
    """A feature needs an optional package; the cure names the `pip install` that brings it."""


class UnreadableFile(OctavoError):
    """A file cannot be read as a document: empty, truncated, of an unknown kind, or vanished."""


class EncryptedFile(UnreadableFile):
    """A document asks for a password."""


class PageFailed(OctavoError):
    """One page could not be read; the others can."""


class WorkerFailed(OctavoError):
    """The reading process crashed, ran out of time or ran out of memory on a file."""


class UnknownDocument(OctavoError):
    """No document of that name or id is in the library."""


class BadQuestion(OctavoError):
    """A question that says nothing, or is no Unicode text."""

    exit_code = 2


class LibraryClosed(OctavoError):
    """The library was closed, and is asked something all the same."""


class LibraryBusy(OctavoError):
    """Another process owns the embedded library; the message says which."""


class LibraryMismatch(OctavoError):
    """The library was made with another embedder, schema or parser than the one configured."""


class LibraryLost(OctavoError):
    """Of a library only the files beside `library.db` are left. Nothing is made in its place."""


class DiskFull(OctavoError):
    """The disk that holds the library is full, or nearly: adding stops there, since every other file would fail too."""


class IndexDamaged(OctavoError):
    """The vector index cannot be read any more. `library.db` has all that is needed to make it anew."""


class ServerUnavailable(OctavoError):
    """A configured server (Chroma, vLLM) does not answer."""


class ReplyLate(ServerUnavailable):
    """A chat model did not reply in time. It may be this request alone that takes so long."""


class ReplyFailed(OctavoError):
    """A chat model answered with an error, broke off within its reply, or replied with what cannot be read."""


class PromptTooLong(OctavoError):
    """Prompt and reply do not fit into the model's context, or there are more pictures than it takes."""


class TooManyPictures(PromptTooLong):
    """A prompt holds more pictures than the model takes."""


class DatasetError(OctavoError):
    """A question file is malformed; the message names the line."""
