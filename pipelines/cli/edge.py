"""Where the command meets the system: its streams, and errors as messages with exit codes."""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup

from ...errors import OctavoError

_BY_SIGNAL = 128  # and its number, as shells say it
_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO}


class OctavoGroup(TyperGroup):
    """Turns Octavo's errors, and the system's, into a message and an exit code; a bug keeps its traceback."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        _ready_streams()
        _end_in_order()
        try:
            return super().main(args, *more, **extra)
        except (OctavoError, OSError, UnicodeError, MemoryError) as error:
            if "--debug" in (sys.argv if args is None else args):
                raise
            told = in_words(error)
        with suppress(OSError):  # where nobody can be told, the exit code says it
            typer.secho(f"octavo: {told}", err=True, fg="red")
        sys.exit(told.exit_code)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            again = " ".join(("octavo", str(ctx.invoked_subcommand)))
            typer.secho(f"octavo: interrupted; what was finished is kept, and `{again}` goes on there", err=True)
            number = interrupt.args[0] if interrupt.args else signal.SIGINT
            raise typer.Exit(_BY_SIGNAL + number) from None


def _end_in_order() -> None:
    """Has SIGTERM and SIGHUP end a command as Ctrl-C does, which leaves no process and no temporary file behind."""

    def interrupt(number: int, _: FrameType | None) -> None:
        raise KeyboardInterrupt(number)

    if threading.current_thread() is not threading.main_thread():  # which alone may say
        return
    for name in {"SIGTERM", "SIGHUP"} & set(signal.Signals.__members__):  # Windows has no SIGHUP
        if signal.getsignal(signal.Signals[name]) == signal.SIG_DFL:  # `nohup` has it ignored
            signal.signal(signal.Signals[name], interrupt)


def _ready_streams() -> None:
    """Streams that take any text; and where one is closed, something in its place."""
    for name, flags, mode in (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w")):
        if getattr(sys, name) is None:
            # Or else its number went to the next file that is opened, and what is printed into that file. Writing to
            # standard output fails, as it has to; remarks are for nobody then.
            setattr(sys, name, open(os.open(os.devnull, flags), mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Names of files that are no UTF-8 come out as they are; what another encoding lacks, as escapes.
            utf8 = codecs.lookup(stream.encoding).name == "utf-8"
            stream.reconfigure(errors="surrogateescape" if utf8 else ESCAPES)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """What an encoding lacks, as JSON would have it, so that JSON stays JSON."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


ESCAPES = "octavo.escapes"
codecs.register_error(ESCAPES, _escaped)


def in_words(error: OctavoError | OSError | UnicodeError | MemoryError) -> OctavoError:
    """What an error that nobody took is to the user."""
    if isinstance(error, OctavoError):
        return error
    if isinstance(error, MemoryError):
        return OctavoError("there is too little memory", cure="end other programs, or add fewer files at once")
    if isinstance(error, UnicodeError):
        return OctavoError(f"text that is not Unicode ({error})", cure="say it in UTF-8")
    why = error.strerror or str(error)
    if error.filename is None and _output_fails():
        return OctavoError(f"standard output cannot be written ({why})", cure="see to where it goes")
    if _nowhere():
        return OctavoError("the working directory is gone", cure="`cd` to a folder that is there")
    from ...retrievers.library import disk

    where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else None
    if error.errno in _OF_THE_DISK and where:
        return disk.explained(error, where)
    return OctavoError(why, where=where, cure="`octavo --debug` before the command shows where it happened")


def _output_fails() -> bool:
    try:
        os.write(sys.stdout.fileno(), b"\n")  # an empty line more does no harm; to write nothing proves nothing
    except io.UnsupportedOperation:
        return False  # it is no file
    except OSError:
        # What could not be written would be tried once more when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _nowhere() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


@contextmanager
def writing(path: Path, library: Path) -> Iterator[Path]:
    """Around what writes a file that the user named, which may not lie in the library: gives where to write it.

    A file appears when it is whole, in place of an earlier one. Errors are in Octavo's words.
    """
    from ...retrievers.library import Library

    Library.check_outside(library, path)
    path = path.resolve()  # a link stays one
    with explained(path):
        if path.exists() and not path.is_file():  # a device or a pipe
            yield path
            return
        draft = path.with_name(path.name + ".part")
        try:
            yield draft
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """The errors of the file system in Octavo's words."""
    try:
        yield
    except OSError as error:
        what, cure = f"cannot be written ({error.strerror})", "check the path and its permissions"
        raise OctavoError(what, where=str(path), cure=cure) from error
