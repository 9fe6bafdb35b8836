"""Which model reads a language in pictures: what comes with RapidOCR, what has to be fetched, and from where."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import MissingExtra, UnknownComponent, UnreadableFile
from ..options import IngestOptions

_BUNDLED = ("PP-OCRv6", "small")
_OTHERS = (("PP-OCRv5", "mobile"), ("PP-OCRv4", "mobile"))  # the first that knows a language reads it


class Model(NamedTuple):
    """A recognition model: its file, whether or not that is there, and the address it can be had from."""

    path: Path
    address: str


@functools.cache
def models() -> dict[str, Model]:
    """The model of each language that `ingest.ocr_language` may name, those first that come with RapidOCR."""
    import rapidocr
    import yaml

    folder = Path(rapidocr.__file__).parent
    known: dict[str, Any] = yaml.safe_load((folder / "default_models.yaml").read_text(encoding="utf-8"))
    found: dict[str, Model] = {}
    for version, size in (_BUNDLED, *_OTHERS):
        for route in known["model_routes"][version]["rec"][size]:
            address: str = known["onnxruntime"][version]["rec"][route["model_key"]]["model_dir"]
            for language in route["supported_langs"]:
                found.setdefault(str(language), Model(folder / "models" / Path(address).name, address))
    return found


def model_for(language: str, own: str | None = None) -> Path:
    """The file of the model that reads `language`, or the user's `own`. Nothing is ever downloaded.

    Raises:
        UnknownComponent: there is no such language; the message lists those there are.
        MissingExtra: its model is not here; the cure says where it can be had.
        UnreadableFile: the user's own model is none.
    """
    if own is not None:
        return _checked(Path(own).expanduser())
    model = models().get(language)
    if model is None:
        cure = f"use one of {', '.join(sorted(models()))}, or name a model: ingest.ocr_model"
        raise UnknownComponent(f"there is no OCR language {language!r}", where="ingest.ocr_language", cure=cure)
    if not model.path.exists():
        raise MissingExtra(
            "the model that reads this language in pictures does not come with RapidOCR",
            where=f"ingest.ocr_language = {language}",
            cure=f"fetch it: curl -L -o {model.path} {model.address}\n    or name a copy of it: ingest.ocr_model",
        )
    return model.path


def check(options: IngestOptions) -> None:
    """Raises as `model_for` does, before anything is read; free for the default."""
    if options.ocr != "never" and (options.ocr_language != "ch" or options.ocr_model is not None):
        model_for(options.ocr_language, options.ocr_model)


def here() -> list[str]:
    """The languages whose models are here."""
    return sorted(language for language, model in models().items() if model.path.exists())


def _checked(path: Path) -> Path:
    """A model of the user's own: RapidOCR would look elsewhere for what it lacks."""
    import onnxruntime

    where = f"ingest.ocr_model = {path}"
    if not path.is_file():
        raise UnreadableFile("there is no such file", where=where, cure="name an ONNX model of RapidOCR")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (RuntimeError, ValueError) as error:
        raise UnreadableFile("not an ONNX model", where=where, cure="name an ONNX model of RapidOCR") from error
    except Exception as error:
        if not type(error).__module__.startswith("onnxruntime"):  # its own errors have no base of their own
            raise
        raise UnreadableFile("not an ONNX model", where=where, cure="name an ONNX model of RapidOCR") from error
    if "character" not in session.get_modelmeta().custom_metadata_map:
        cure = "take RapidOCR's ONNX models, which hold their characters"
        raise UnreadableFile("a model without the characters that it reads", where=where, cure=cure)
    return path
