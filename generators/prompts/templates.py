"""Prompts as files, one to a purpose: what stands before the evidence (`system`), and what stands after it (`task`)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import meta

from ...errors import SettingsError
from .sentinel import SENTINEL

_HERE = Path(__file__).parent
_ENDING = ".jinja"


class Prompts:
    """The templates by name: those of `folder`, and Octavo's own where it has none.

    A template has two blocks. `system` is constant, so that servers keep it from one prompt to the next; `task` comes
    last and is given values. `sentinel` is known in both.

    Raises:
        SettingsError: `folder` is none, holds a template that nothing uses, or one that is no such template.
    """

    def __init__(self, folder: Path | None = None) -> None:
        folders = [_HERE] if folder is None else [folder, _HERE]
        self._where = f"generator.prompts = {folder}" if folder is not None else str(_HERE)
        self._jinja = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folders),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            autoescape=False,
        )
        self._jinja.globals["sentinel"] = SENTINEL
        if folder is not None:
            self._check(folder)

    def system(self, name: str) -> str:
        """What the model is told first; the same for every question."""
        return self._rendered(name, "system", {})

    def task(self, name: str, **values: Any) -> str:
        """What the model is told last."""
        return self._rendered(name, "task", values)

    def version(self, name: str) -> str:
        """Changes whenever the template does, or one that it is made of: 12 hex digits of a hash."""
        digest = hashlib.sha256()
        for file in self._files(name + _ENDING):
            digest.update(self._source(file).encode())
        return digest.hexdigest()[:12]

    def _files(self, file: str) -> list[str]:
        """`file` and what it is made of."""
        found, left = dict[str, None](), [file]
        while left:
            if (one := left.pop()) not in found:
                found[one] = None
                try:
                    parts = [*meta.find_referenced_templates(self._jinja.parse(self._source(one)))]
                except jinja2.TemplateError as error:
                    raise self._wrong(f"{one}: {error}") from error
                left += sorted(part for part in parts if part is not None)
        return [*found]

    def _rendered(self, name: str, block: str, values: dict[str, Any]) -> str:
        try:
            template = self._jinja.get_template(name + _ENDING)
            return "".join(template.blocks[block](template.new_context(values))).strip()
        except KeyError as error:
            raise self._wrong(f"{name}{_ENDING} has no block {block!r}") from error
        except jinja2.TemplateError as error:
            raise self._wrong(f"{name}{_ENDING}: {error}") from error

    def _source(self, file: str) -> str:
        assert self._jinja.loader is not None
        try:
            return self._jinja.loader.get_source(self._jinja, file)[0]
        except jinja2.TemplateError as error:
            raise self._wrong(f"there is no template {file}") from error

    def _check(self, folder: Path) -> None:
        if not folder.is_dir():
            raise self._wrong("there is no such folder")
        known = {path.name for path in _HERE.glob(f"*{_ENDING}")}
        own = {path.name for path in folder.glob(f"*{_ENDING}")}
        used = {file for name in own & known for file in self._files(name)}
        if not own:
            raise self._wrong(f"there is no template in it; it may hold {', '.join(sorted(known))}")
        if unused := own - known - used:
            raise self._wrong(f"{', '.join(sorted(unused))} is none of {', '.join(sorted(known))}")
        for name in own & known:
            self._rendered(name.removesuffix(_ENDING), "system", {})
            if "task" not in self._jinja.get_template(name).blocks:
                raise self._wrong(f"{name} has no block 'task'")

    def _wrong(self, what: str) -> SettingsError:
        return SettingsError(what, where=self._where, cure="see docs/vlm.md, Prompts")
