"""The command, run in this process on a real library, and as a process of its own for what only that shows."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
import pymupdf
import pytest
from typer.testing import CliRunner

from octavo import DocumentQA
from octavo.errors import OctavoError
from octavo.pipelines import export
from octavo.pipelines.cli import app
from octavo.tests.data import keep_library

from .conftest import LIGHTHOUSE, write_pdf

AES_256 = 5  # PDF_ENCRYPT_AES_256
BUILT = "When was the lighthouse at Ravensholm built?"


def octavo(*args: object, library: Path | None = None) -> Any:
    where = ["--library", str(library)] if library else []
    return CliRunner().invoke(app, [*where, *map(str, args)])


def process(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The installed command itself."""
    code = "from octavo.pipelines.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=False, env=env or None
    )


def test_help_names_every_command() -> None:
    found = process("--help")
    assert found.returncode == 0
    for command in ("add", "ask", "search", "list", "status", "show", "remove", "doctor", "export", "eval"):
        assert f"\n  {command} " in found.stdout


def test_usage_errors_exit_with_2() -> None:
    assert process().returncode == 2
    assert process("fly").returncode == 2
    assert process("ask").returncode == 2
    assert process("search", "x", "--level", "chapter").returncode == 2
    assert octavo("--set", "ingest", "list").exit_code == 2


def test_settings_errors_exit_with_2_and_no_traceback(tmp_path: Path) -> None:
    config = tmp_path / "my.yaml"
    config.write_text("ingest:\n  ocr_dip: 3\n")
    found = process("--config", str(config), "list")
    assert found.returncode == 2
    assert found.stdout == ""
    assert str(config) in found.stderr
    assert "ocr_dpi" in found.stderr
    assert "Traceback" not in found.stderr
    assert "Traceback" in process("--debug", "--config", str(config), "list").stderr


def test_a_library_that_is_not_there_exits_with_1(tmp_path: Path) -> None:
    found = octavo("list", library=tmp_path / "none")
    assert found.exit_code == 1
    assert found.stdout == ""
    assert "octavo add" in found.stderr


def test_the_version() -> None:
    import octavo as package

    assert octavo("--version").stdout.strip() == package.__version__


def test_add_tells_of_failed_files_by_its_exit_code(tmp_path: Path) -> None:
    good = write_pdf(tmp_path / "good.pdf", LIGHTHOUSE, "Ravensholm")
    found = octavo("--set", "ingest.workers=1", "add", good, tmp_path / "absent.pdf", library=tmp_path / "library")
    assert found.exit_code == 1
    assert "1 added, 1 failed" in found.stdout
    assert "absent.pdf: the file does not exist" in found.stderr
    again = octavo("add", good, "--json", library=tmp_path / "library")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["unchanged"] == 1
    status = octavo("status", library=tmp_path / "library")
    assert "absent.pdf" in status.stdout
    removed = octavo("remove", "good", library=tmp_path / "library")
    assert removed.stdout == "removed good.pdf\n"
    assert octavo("remove", "good", library=tmp_path / "library").exit_code == 1


def test_add_opens_encrypted_files_with_their_password(tmp_path: Path) -> None:
    document = pymupdf.open(write_pdf(tmp_path / "plain.pdf", LIGHTHOUSE, "Ravensholm"))
    document.save(str(tmp_path / "secret.pdf"), encryption=AES_256, user_pw="open", owner_pw="own")
    add = ("--set", "ingest.workers=1", "add", tmp_path / "secret.pdf", "--link")
    closed = octavo(*add, library=tmp_path / "library")
    assert closed.exit_code == 1
    assert "password" in closed.stderr
    opened = octavo(*add, "--password", "open", "--metadata", "shelf=A", library=tmp_path / "library")
    assert (opened.exit_code, opened.stderr.count("failed")) == (0, 0)
    assert not (tmp_path / "library" / "originals").exists()
    listed = json.loads(octavo("list", "--json", library=tmp_path / "library").stdout)
    assert listed[0]["metadata"]["shelf"] == "A"
    assert "open" not in (tmp_path / "library" / "library.db").read_bytes().decode("latin-1").split("password")


def test_ask_prints_answer_place_and_quote(library: Path, tmp_path: Path) -> None:
    found = octavo("ask", BUILT, "--show", "--pictures", tmp_path / "shown", library=library)
    assert found.exit_code == 0
    assert "1874" in found.stdout.splitlines()[0]
    assert "[1] lighthouse.pdf, page 1" in found.stdout
    assert "box (0." in found.stdout
    pictures = sorted((tmp_path / "shown").iterdir())
    assert pictures
    assert all(path.read_bytes().startswith(b"\x89PNG") and str(path) in found.stdout for path in pictures)


def test_json_is_all_there_is_on_standard_output(library: Path, tmp_path: Path) -> None:
    found = octavo("ask", BUILT, "--json", "--show", "--pictures", tmp_path / "shown", library=library)
    answer = json.loads(found.stdout)
    assert answer["answerable"]
    assert answer["citations"][0]["name"] == "lighthouse.pdf"
    refused = json.loads(octavo("ask", "Who won the chess final?", "--doc", "garden", "--json", library=library).stdout)
    assert (refused["answerable"], refused["citations"]) == (False, [])
    hits = json.loads(octavo("search", BUILT, "--json", "-k", 2, library=library).stdout)
    assert len(hits) == 2
    assert json.loads(octavo("status", "--json", library=library).stdout)["documents"] == 2
    assert json.loads(octavo("show", "garden", 1, "--json", library=library).stdout)["number"] == 1


def test_search_lists_hits(library: Path) -> None:
    found = octavo("search", "planting tomatoes", "--level", "page", library=library)
    assert found.stdout.startswith(" 1. garden.pdf, page 1")
    nothing = octavo("search", "planting tomatoes", "--pages", "7-9", library=library)
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "nothing found" in nothing.stderr
    assert octavo("search", "x", "--kind", "tables", library=library).exit_code == 2
    assert octavo("search", "x", "--doc", "atlantis", library=library).exit_code == 1
    only = octavo("search", BUILT, "--metadata", "year=2021", library=library)
    assert "lighthouse" not in only.stdout


def test_list_is_tab_separated_for_programs(library: Path) -> None:
    rows = [line.split("\t") for line in octavo("list", library=library).stdout.splitlines()]
    assert [(row[0], row[1]) for row in rows] == [("garden.pdf", "1"), ("lighthouse.pdf", "2")]


def test_show_and_its_regions(library: Path, tmp_path: Path) -> None:
    assert "142 steps" in " ".join(octavo("show", "lighthouse", 2, library=library).stdout.split())
    rows = octavo("show", "lighthouse", 2, "--regions", "--png", tmp_path / "p.png", library=library)
    assert all(len(line.split("\t")) == 5 for line in rows.stdout.splitlines())
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert octavo("show", "lighthouse", 3, library=library).exit_code == 1


def test_export(library: Path, tmp_path: Path) -> None:
    markdown = octavo("export", "lighthouse", library=library).stdout
    assert "<!-- page 2 -->" in markdown
    assert "1874" in markdown
    octavo("export", "lighthouse", "--format", "json", "--out", tmp_path / "out.json", library=library)
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert data["document"]["name"] == "lighthouse.pdf"
    assert [page["number"] for page in data["pages"]] == [1, 2]
    assert all(len(region["bbox"]) == 4 for page in data["pages"] for region in page["regions"])
    wrong = octavo("export", "lighthouse", "--format", "docx", "--out", tmp_path / "out.docx", library=library)
    assert wrong.exit_code == 2
    assert not (tmp_path / "out.docx").exists()


def test_doctor_finds_this_machine_well(library: Path) -> None:
    found = octavo("doctor", "--json", library=library)
    checks = {check["name"]: check for check in json.loads(found.stdout)}
    assert {name: check["state"] for name, check in checks.items() if check["state"] == "failed"} == {}
    assert found.exit_code == 0
    assert "English" in checks["what MiniLM cannot do"]["detail"]
    assert "documents 2" in checks["library"]["detail"]


def test_doctor_goes_on_after_a_failure(tmp_path: Path) -> None:
    (tmp_path / "no-model").mkdir()
    wrong = ("--set", f"embedder.model={tmp_path / 'no-model'}", "--set", "library.chroma=http://127.0.0.1:9")
    found = octavo(*wrong, "doctor", "--json", library=tmp_path / "none")
    states = {check["name"]: check["state"] for check in json.loads(found.stdout)}
    assert found.exit_code == 1
    assert states["embedder"] == states["Chroma"] == "failed"
    assert states["Python"] == states["reading and OCR"] == "ok"
    assert states["library"] == "warning"


def test_doctor_mends_the_vector_index(tmp_path: Path) -> None:
    where = tmp_path / "library"
    octavo("--set", "ingest.workers=1", "add", write_pdf(tmp_path / "one.pdf", LIGHTHOUSE, "Ravensholm"), library=where)
    client = chromadb.PersistentClient(where / "chroma")
    collection = client.get_collection(client.list_collections()[0].name, embedding_function=None)
    lost = collection.get()["ids"]
    collection.delete(ids=lost[:1])
    collection.upsert(
        ids=["stray", "stray2"], embeddings=np.full((2, 384), 0.1, np.float32)
    )  # as many as there should be
    client.close()  # type: ignore[attr-defined]
    sick = octavo("doctor", library=where)
    assert sick.exit_code == 1
    assert "1 passages are missing from the vector index" in sick.stdout
    mended = octavo("doctor", "--repair", library=where)
    assert (mended.exit_code, "1 rows written" in mended.stdout) == (0, True)
    assert octavo("doctor", library=where).exit_code == 0


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    common = {"source": "made here", "scope": "document", "answer_format": "Str"}
    lines = [
        {"id": "q1", "doc": "lighthouse.pdf", "question": BUILT, "answer": "1874", "evidence_pages": [1], **common},
        {
            "id": "q2",
            "doc": "lighthouse.pdf",
            "question": "How many steps may visitors climb?",
            "answer": "142",
            "evidence_pages": [2],
            **common,
        },
    ]
    for line in lines:
        line |= {"evidence_type": "text", "evidence_types": ["text"]}
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_eval_retrieval_writes_a_run(documents: Path, questions: Path, tmp_path: Path) -> None:
    def run(*more: object) -> Any:
        found = octavo(
            "--set", "ingest.workers=1", "eval", "retrieval", "--questions", questions, "--pdfs", documents, *more
        )
        assert found.exit_code == 0, found.output
        return found

    out = tmp_path / "run"
    assert "page.recall@1" in run("--out", out).stdout
    recorded = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert recorded["aggregates"]["page.recall@1"] == 1.0
    assert recorded["config"]["scope"] == "document"
    rows = (out / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2
    assert (tmp_path / "run-library" / "library.db").exists()
    # The same run again asks nothing and says the same.
    assert json.loads(run("--out", out, "--json").stdout)["aggregates"] == recorded["aggregates"]
    assert (out / "rows.jsonl").read_text(encoding="utf-8").splitlines() == rows


def test_eval_retrieval_needs_its_documents(questions: Path, tmp_path: Path) -> None:
    found = octavo("eval", "retrieval", "--questions", questions, "--pdfs", tmp_path, library=tmp_path / "library")
    assert found.exit_code == 1
    assert "lighthouse.pdf" in found.stderr


def test_reading_commands_do_not_wait_for_whoever_has_the_library(library: Path) -> None:
    with DocumentQA.open(library) as owner:
        assert "1874" in octavo("ask", BUILT, library=library).stdout
        assert "lighthouse.pdf" in octavo("search", "lighthouse", library=library).stdout
        assert "garden.pdf" in octavo("list", library=library).stdout
        assert "2 (3 pages" in octavo("status", library=library).stdout
        assert "Ravensholm" in octavo("show", "lighthouse", "1", library=library).stdout
        assert "Tomatoes" in octavo("export", "garden", library=library).stdout
        refused = octavo("remove", "garden", library=library)
        assert refused.exit_code == 1
        assert "in use by this process itself" in refused.stderr
        assert len(owner.documents()) == 2


def test_a_reading_command_brings_an_old_library_up_to_date(tmp_path: Path) -> None:
    with tarfile.open(Path(keep_library.__file__).with_name("library-schema-1.tar.xz")) as tar:
        tar.extractall(tmp_path, filter="data")
    with contextlib.closing(sqlite3.connect(tmp_path / "library" / "library.db")) as connection, connection:
        maker = {"embedder": "all-MiniLM-L6-v2", "revision": "package", "dimension": 384}
        connection.executemany("UPDATE meta SET value = ? WHERE key = ?", [(v, k) for k, v in maker.items()])
    for _ in range(2):
        found = octavo("list", library=tmp_path / "library")
        assert found.exit_code == 0, found.stderr
        assert "report.pdf" in found.stdout
    assert b"/papers/caf\xe9.pdf\n" in found.stdout_bytes  # a name that is no UTF-8, as it is on the disk
    names = [one["name"] for one in json.loads(octavo("list", "--json", library=tmp_path / "library").stdout)]
    assert set(names) == {"caf\udce9.pdf", "report.pdf"}


def test_backup_and_restore_give_the_same_library(library: Path, tmp_path: Path) -> None:
    file, there = tmp_path / "library.tar", tmp_path / "there"
    with DocumentQA.open(library) as owner:  # whoever has the library is not in the way
        done = octavo("backup", file, library=library)
        assert done.stdout == f"{file}: 2 documents, 3 pages, {owner.status().passages} passages\n"
        assert octavo("restore", file, library=there).exit_code == 0
        refused = octavo("restore", file, library=there)
        assert refused.exit_code == 1
        assert "--force" in refused.stderr
        assert json.loads(octavo("restore", file, "--force", "--json", library=there).stdout)["documents"] == 2
        with DocumentQA.open(there) as restored:
            assert restored.documents() == owner.documents()
            for question in (BUILT, "How much sun do tomatoes want?"):
                assert restored.search(question) == owner.search(question)
                answer = restored.ask(question)
                assert answer.text == owner.ask(question).text
                assert restored.image(answer.citations[0]) == owner.image(answer.citations[0])
            assert restored.verify() == []


@pytest.mark.parametrize(
    "command",
    [
        ("show", "garden.pdf", "1", "--png"),
        ("export", "garden.pdf", "--out"),
        ("ask", "When was the lighthouse at Ravensholm built?", "--show", "--pictures"),
    ],
)
def test_what_cannot_be_written_is_told(library: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("in the way")
    done = octavo(*command, tmp_path / "file" / "out", library=library)
    assert (done.exit_code, "cannot be written" in done.output) == (1, True), done.output


@pytest.mark.parametrize("command", [("show", "garden.pdf", "1", "--png"), ("export", "garden.pdf", "--out")])
def test_nothing_is_written_over_the_library(library: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    link = tmp_path / "link"
    link.symlink_to(library)
    (original, *_) = (library / "originals").iterdir()
    for target in (library / "library.db", link / "originals" / original.name, link / "new.md"):
        before = target.read_bytes() if target.exists() else None
        done = octavo(*command, target, library=library)
        assert (done.exit_code, "into the library itself" in done.output) == (1, True), done.output
        assert (target.read_bytes() if target.exists() else None) == before


def test_what_is_exported_appears_whole(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, link = tmp_path / "out.md", tmp_path / "link.md"
    link.symlink_to(out)
    out.write_text("an earlier one")
    with monkeypatch.context() as patch:
        patch.setattr(export, "page_markdown", broken)
        assert octavo("export", "lighthouse", "--out", link, library=library).exit_code == 1
    assert out.read_text() == "an earlier one"
    assert octavo("export", "lighthouse", "--out", link, library=library).exit_code == 0
    assert "Ada Thorne" in out.read_text()
    assert sorted(tmp_path.iterdir()) == [link, out]


def broken(page: object) -> str:
    raise OctavoError("the second page is not to be had")
