"""Keeps the documentation true: `python docs/check.py` compares, `python docs/check.py --write` writes.

- docs/cli.md is what `--help` of every command says, docs/configuration.md what the settings' models say;
- each `octavo …` line in the documents, the demo and Octavo's own messages is one the command accepts;
- each relative link leads to a file.
"""

from __future__ import annotations

import io
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

import typer.main
from pydantic import BaseModel

from octavo.pipelines.cli import app
from octavo.pipelines.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("ingest", "retrievers", "generators", "eval", "pipelines")
COMMAND: Any = typer.main.get_command(app)


def commands(command: Any = COMMAND, path: tuple[str, ...] = ("octavo",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with its path, depth first."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


def help_of(path: tuple[str, ...]) -> str:
    """What `PATH --help` prints on a terminal 100 columns wide."""
    out = io.StringIO()
    with redirect_stdout(out), suppress(SystemExit):
        COMMAND.main(args=[*path[1:], "--help"], prog_name="octavo", terminal_width=100)
    return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())


def cli_page() -> str:
    lines = ["# The octavo command", "", "Written by `make docs` from `--help`; not by hand.", ""]
    for path, _ in commands():
        lines += [f"## {' '.join(path)}", "", "```text", help_of(path), "```", ""]
    return "\n".join(lines)


def configuration_page() -> str:
    lines = [
        "# Configuration",
        "",
        "Written by `make docs` from the settings' models; not by hand.",
        "",
        "What is said later wins: the defaults below, then a configuration file (`--config NAME|FILE` or",
        "`OCTAVO_CONFIG`; names are those of the files in `configs/`), then the environment",
        "(`OCTAVO__SECTION__KEY`, and `OCTAVO_LIBRARY` for `library.path`), then `--library`, `--set` and arguments.",
        "In a file, `${NAME}` and `${NAME:-default}` stand for environment variables. Unknown keys are refused.",
        "",
    ]
    for section, field in Settings.model_fields.items():
        model = field.annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise SystemExit(f"settings section {section} is no model")
        about = " ".join((model.__doc__ or "").split("\n\n")[0].split())
        lines += [f"## {section}", "", about, "", "| key | default | meaning |", "|---|---|---|"]
        for key, info in model.model_fields.items():
            default = "none" if info.default is None else str(info.default)
            lines.append(f"| `{key}` | {default} | {(info.description or '').replace('|', '/')} |")
        lines.append("")
    return "\n".join(lines)


PAGES = {"docs/cli.md": cli_page, "docs/configuration.md": configuration_page}


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")])


def quoted_commands(text: str) -> Iterator[str]:
    """Command lines in a document: the lines of code blocks, and what stands between back-ticks."""
    for block in re.findall(r"^```(?:console|bash|sh|shell)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"^    (.*)$", text, re.MULTILINE)
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def sources() -> Iterator[tuple[Path, str]]:
    """Every place that may quote a command, with the lines it quotes."""
    for path in documents():
        if path.relative_to(ROOT).as_posix() not in PAGES:
            yield from ((path, line) for line in quoted_commands(path.read_text(encoding="utf-8")))
    for path in [ROOT / "Makefile", *(ROOT / "examples").glob("*.sh"), *(ROOT / "benchmarks").glob("*.sh")]:
        if path.is_file():
            yield from ((path, line) for line in path.read_text(encoding="utf-8").splitlines())
    for path in [ROOT / "errors.py", *(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))]:
        yield from ((path, line) for line in re.findall(r"`(octavo [^`]+)`", path.read_text(encoding="utf-8")))


def problem_with(line: str) -> str | None:
    """What the command would not accept in a quoted line; None when it is no `octavo …` line or a good one."""
    line = re.sub(r"^\s*\$\s+", "", line.strip())
    line = re.split(r"\s#|[;&<>]|\|\s|\)$", re.sub(r"[\[\]…{}]", " ", line).replace("...", " "))[0]
    if not line.startswith("octavo "):
        return None
    try:
        words = shlex.split(line)[1:]
    except ValueError as error:
        return str(error)
    command = COMMAND
    while words:
        word = words.pop(0)
        if word == "--":  # what comes after it is another command's
            break
        if word.startswith("-") and len(word) > 1:
            name, sign, _ = word.partition("=")
            found = [p for p in command.params if name in (*p.opts, *p.secondary_opts)]
            if name in {"--help", "-h"}:
                continue
            if not found:
                return f"no option {name}"
            if not found[0].is_flag and not sign and words:
                words.pop(0)
        elif children := getattr(command, "commands", None):
            # `list|status` in a synopsis names several.
            names = [part for part in re.split(r"[|/]", word) if part]
            if unknown := [name for name in names if name not in children]:
                return f"no command {unknown[0]}"
            command = children[names[-1]]
    return None


def dead_links(path: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
            yield target


def main() -> int:
    problems = []
    for name, page in PAGES.items():
        path = ROOT / name
        if "--write" in sys.argv[1:]:
            path.write_text(page(), encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != page():
            problems.append(f"{name} is out of date: run `make docs`")
    checked = 0
    for path, line in sources():
        problem = problem_with(line)
        checked += "octavo " in line
        if problem:
            problems.append(f"{path.relative_to(ROOT)}: `{line.strip()}`: {problem}")
    for path in documents():
        problems += [f"{path.relative_to(ROOT)}: no file at {target}" for target in dead_links(path)]
    for problem in problems:
        print(problem)
    if not problems:
        print(f"docs: fine ({len(PAGES)} generated pages, {checked} quoted command lines)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
