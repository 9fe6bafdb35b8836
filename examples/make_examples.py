"""Make the example documents and the questions that may be asked of them: `python examples/make_examples.py`.

Needs PyMuPDF and Pillow. The same versions of both write the same bytes on every run.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from .making import languages, letter, report, slides, study
    from .making.record import write_questions
else:  # run as a script
    from making import languages, letter, report, slides, study
    from making.record import write_questions

MAKERS = (report.make, study.make, letter.make, slides.make, languages.make)


def main() -> None:
    """Write everything into the folder given by `--out`, which is this script's own by default."""
    parser = argparse.ArgumentParser(description="Make the example documents and their questions.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write to")
    folder: Path = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for make in MAKERS:
        example = make()
        rows += example.rows(len(rows) + 1)
        example.save(folder)
    write_questions(rows, folder / "questions.jsonl")


if __name__ == "__main__":
    main()
