"""Everything that can be set, in one model, and where it is read from.

What is said later wins: defaults, then a configuration file, then the environment, then the caller's overrides.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import SettingsError
from ..generators.options import ChatOptions, GeneratorOptions
from ..ingest.options import IngestOptions
from ..retrievers.options import EmbedderOptions, RelevanceOptions, RetrievalOptions
from .layers import DEFAULT_PROFILE, Key, Origins, environment, leaves, merged, read_config, read_environment


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LibraryOptions(_Section):
    """Where the documents are kept."""

    path: Path = Field(default=Path("octavo-library"), description="folder of the library")
    collection: str = Field(default="default", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="name of it")
    chroma: str | None = Field(default=None, description="address of a Chroma server; none: embedded in the folder")


class Settings(_Section):
    """All of Octavo's settings, checked."""

    library: LibraryOptions = LibraryOptions()
    ingest: IngestOptions = IngestOptions()
    embedder: EmbedderOptions = EmbedderOptions()
    retrieval: RetrievalOptions = RetrievalOptions()
    relevance: RelevanceOptions = RelevanceOptions()
    generator: GeneratorOptions = GeneratorOptions()
    vlm: ChatOptions = ChatOptions()

    @classmethod
    def load(
        cls,
        config: str | Path | None = None,
        *,
        overrides: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Settings:
        """Read settings from all their places.

        Args:
            config: A profile's name or a YAML file; without one OCTAVO_CONFIG, then `embedded`.
            overrides: Sections and values that win over everything, e.g. `{"retrieval": {"k": 5}}`.
            env: The environment; the process's own by default.

        Raises:
            SettingsError: A key is unknown or a value does not fit; the message names the key and where it stands.
        """
        env = environment() if env is None else env
        data, where = read_config(config or env.get("OCTAVO_CONFIG") or DEFAULT_PROFILE, env)
        origins: Origins = dict.fromkeys(leaves(data), where)
        said, said_where = read_environment(env)
        data, origins = merged(data, said), origins | said_where
        if overrides:
            data = merged(data, overrides)
            origins |= dict.fromkeys(leaves(overrides), "arguments")
        return cls.checked(data, origins)

    @classmethod
    def checked(cls, data: Mapping[str, Any], origins: Origins | None = None) -> Settings:
        """Settings from nested mappings; SettingsError names each key that does not fit."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            # A union reports each of its branches: the first complaint about a key says enough.
            problems = {tuple(str(part) for part in item["loc"]): item for item in reversed(error.errors())}
            lines = [_complaint(key, dict(item)) for key, item in sorted(problems.items())]
            where = sorted({_origin(key, origins or {}) for key in problems} - {""})
            cure = "see docs/configuration.md for what can be set" if len(lines) > 1 else lines[0][1]
            what = "; ".join(line[0] for line in lines)
            raise SettingsError(what, where=", ".join(where) or None, cure=cure) from error

    @classmethod
    def settled(
        cls,
        path: str | Path | None,
        library: str | Path | Mapping[str, Any] | None,
        config: str | Path | None,
        settings: Settings | None,
        overrides: Mapping[str, Mapping[str, Any]],
    ) -> Settings:
        """`settings`, or else those that `load` gives, with another library and other values if such are named.

        `library` is a section, or a folder as `path` is.
        """
        if isinstance(library, Mapping):
            overrides = merged(overrides, {"library": library})
        elif library is not None:
            path = library
        if path is not None:
            overrides = merged(overrides, {"library": {"path": str(path)}})
        if settings is None:
            return cls.load(config, overrides=overrides)
        return cls.checked(merged(settings.model_dump(), overrides)) if overrides else settings


def _origin(key: Key, origins: Origins) -> str:
    """Where `key`, or the value it lies in, was said."""
    for length in range(len(key), 0, -1):
        for said, where in origins.items():
            if said[:length] == key[:length]:
                return where
    return ""


def _complaint(key: Key, item: dict[str, Any]) -> tuple[str, str | None]:
    """What is wrong with the value at `key`, and what to do about it."""
    name = ".".join(key)
    if item["type"] != "extra_forbidden":
        return f"{name} = {item['input']!r}: {item['msg']}", None
    known = _fields_of(key[:-1])
    near = difflib.get_close_matches(key[-1], known, n=3)
    if not near:  # in another section, perhaps
        near = [f"{section}.{key[-1]}" for section in Settings.model_fields if key[-1] in _fields_of((section,))]
    cure = f"did you mean {' or '.join(near)}?" if near else f"known here: {', '.join(known)}"
    return f"unknown setting {name}", cure


def _fields_of(key: Key) -> list[str]:
    """Names of the settings in the section at `key`."""
    model: Any = Settings
    for part in key:
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        model = field.annotation if field is not None else None
    return sorted(model.model_fields) if hasattr(model, "model_fields") else []
