"""Settings of reading: what changes the result is part of a document's version, the rest is not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


class IngestOptions(BaseModel):
    """How documents are read and cut into passages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ocr: Literal["auto", "always", "never"] = Field(
        default="auto", description="`auto` reads pictures of text only where the text layer is missing or garbled"
    )
    ocr_language: str = Field(
        default="ch", description="what OCR reads; `ch` is Chinese, Japanese and Latin (docs/languages.md)"
    )
    ocr_model: str | None = Field(default=None, description="an ONNX recognition model of your own, instead")
    ocr_dpi: int = Field(default=150, ge=72, le=600, description="resolution at which pages are rendered for OCR")
    passage_tokens: int = Field(default=160, ge=16, description="tokens of the embedder a text passage aims at")
    overlap_tokens: int = Field(default=24, ge=0, description="tokens that neighbouring windows of one region share")
    password: str | None = Field(default=None, description="password of encrypted documents")
    libreoffice: str | None = Field(
        default=None, description="the LibreOffice that converts office files; none: looked for in the usual places"
    )
    convert_timeout_s: float = Field(default=180.0, gt=0, description="seconds LibreOffice may take for one file")

    workers: int = Field(default=0, ge=0, description="reading processes; 0 chooses by the number of CPUs")
    page_timeout_s: float = Field(default=120.0, gt=0, description="seconds one page may take before it is given up")
    worker_memory_mb: int = Field(default=6144, ge=512, description="address space a worker may use beyond its start")
    keep_originals: bool = Field(default=True, description="copy files into the library, so that pictures survive")

    # What only changes speed or storage does not make another version of a document.
    _RUNTIME: ClassVar[frozenset[str]] = frozenset(
        {"workers", "page_timeout_s", "worker_memory_mb", "keep_originals", "password", "libreoffice"}
        | {"convert_timeout_s"}
    )

    # What only changes how pages are cut into passages: the pages themselves stay good.
    PASSAGES: ClassVar[frozenset[str]] = frozenset({"passage_tokens", "overlap_tokens"})

    def fingerprint(self) -> str:
        """Hash of the settings that change what is read, in hex."""
        return hashlib.sha256(json.dumps(self._kept(), sort_keys=True).encode()).hexdigest()

    def changed_since(self, kept: Mapping[str, Any]) -> frozenset[str]:
        """Names of the settings that change what is read and were others in `kept`, a dump of earlier ones.

        A setting that did not exist then had its default; one that no longer exists counts for nothing.
        """
        defaults = type(self)()._kept()
        return frozenset(name for name, value in self._kept().items() if kept.get(name, defaults[name]) != value)

    def _kept(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude=set(self._RUNTIME))
