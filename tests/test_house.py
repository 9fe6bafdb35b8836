"""The promises of the house: light imports, public names that exist, a wheel that lists every package."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import octavo

ROOT = Path(octavo.__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES: list[str] = PROJECT["tool"]["setuptools"]["packages"]
HEAVY = {"torch", "chromadb", "transformers", "sentence_transformers", "llama_index", "onnxruntime", "pymupdf", "scipy"}


def modules() -> list[str]:
    """Every module of the package by its dotted name."""
    names = []
    for package in PACKAGES:
        folder = ROOT.joinpath(*package.split(".")[1:])
        names += [package if path.stem == "__init__" else f"{package}.{path.stem}" for path in folder.glob("*.py")]
    return sorted(names)


def path_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def loaded_after(code: str) -> set[str]:
    """Top-level modules that are loaded once a fresh interpreter has run `code`."""
    code += "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_importing_octavo_and_its_facade_loads_nothing_heavy() -> None:
    assert not HEAVY & loaded_after("import octavo")
    assert not HEAVY & loaded_after("from octavo import DocumentQA, Settings, Answer, Hit")


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['octavo', '--help']\nfrom octavo.pipelines.cli import main\n"
    code += (
        "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main()"
    )
    assert not (HEAVY | {"numpy", "PIL"}) & loaded_after(code)


@pytest.mark.parametrize("module", modules())
def test_every_module_can_be_imported_first(module: str) -> None:
    """No module may depend on another having been imported before it, nor load a heavy package by itself."""
    heavy = HEAVY - {"llama_index"} if module in PROVIDERS else HEAVY
    assert not heavy & loaded_after(f"import {module}")


def test_public_names_exist() -> None:
    assert set(octavo._HOMES) <= set(dir(octavo))
    for name in octavo._HOMES:
        assert getattr(octavo, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        octavo.Nonsense  # noqa: B018


def test_the_type_checker_sees_the_same_names() -> None:
    tree = ast.parse((ROOT / "__init__.py").read_text())
    typed = {alias.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed - {None} == set(octavo._HOMES)


def test_the_wheel_lists_every_package() -> None:
    rooms = {"ingest", "retrievers", "generators", "eval", "pipelines"}
    found = {"octavo"}
    for room in rooms:
        for init in (ROOT / room).rglob("__init__.py"):
            found.add(".".join(("octavo", *init.parent.relative_to(ROOT).parts)))
    assert found == set(PACKAGES)


def test_the_wheel_lists_every_data_file() -> None:
    listed = PROJECT["tool"]["setuptools"]["package-data"]
    for package in PACKAGES[1:]:
        folder = ROOT.joinpath(*package.split(".")[1:])
        data = {path for path in folder.iterdir() if path.is_file() and path.suffix != ".py"}
        covered = {path for pattern in listed.get(package, []) for path in folder.glob(pattern)}
        assert data <= covered, f"not in the wheel: {data - covered}"
    assert {path.suffix for path in (ROOT / "configs").iterdir() if path.is_file()} == {".yaml"}


def test_what_is_imported_is_declared() -> None:
    """An import of a package that only another dependency happens to bring would break without notice."""
    groups = [PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values()]
    declared = {
        re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", spec, maxsplit=1)[0]).lower()
        for group in groups
        for spec in group
    }
    homes = importlib.metadata.packages_distributions()
    for module in modules():
        for node in ast.walk(ast.parse(path_of(module).read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for top in {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - {"octavo"}:
                dists = {re.sub(r"[-_.]+", "-", dist).lower() for dist in homes.get(top, [])}
                assert dists & declared or top in OPTIONAL, f"{module} imports {top} ({dists}), not in pyproject.toml"


PROVIDERS = {"octavo.generators.chat.scripted", "octavo.pipelines.llamaindex"}
"""Subclasses of LlamaIndex's classes: nothing in Octavo imports these modules, only who uses them does."""

OPTIONAL = {"IPython"}
"""Only imported where it already runs."""
