"""The commands about documents and questions, on a real library."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
import pytest

from octavo import DocumentQA
from octavo.errors import LibraryMismatch, OctavoError, ReplyFailed
from octavo.generators.types import Event
from octavo.pipelines import export
from octavo.pipelines.cli.asking import printed
from octavo.pipelines.settings import Settings
from octavo.tests.data import keep_library

from .command import octavo, process
from .conftest import BUILT, LIGHTHOUSE, write_pdf

AES_256 = 5  # PDF_ENCRYPT_AES_256


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


def test_a_dry_run_needs_no_library(documents: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    found = octavo("sync", documents, "--dry-run", library=there)
    assert found.exit_code == 0, found.stderr
    assert f"add      {documents / 'garden.pdf'}\n" in found.stdout
    assert "to be done: 2 added" in found.stdout
    assert not there.exists()


def test_what_embeds_nothing_takes_a_library_of_whatever_embedder(
    library: Path, tmp_path: Path, tiny_model: Callable[..., Path]
) -> None:
    copy = shutil.copytree(library, tmp_path / "library")
    file = tmp_path / "library.tar"
    for model in (str(tmp_path / "no-such-model"), str(tiny_model())):
        other = ("--set", f"embedder.model={model}")
        for command in (("list",), ("show", "garden", "1"), ("export", "garden"), ("backup", file), ("verify",)):
            found = octavo(*other, *command, library=copy)
            assert (found.exit_code, found.stderr) == (0, ""), command
    assert octavo(*other, "remove", "garden", library=copy).exit_code == 0
    refused = octavo(*other, "search", "tomatoes", library=copy)
    assert (refused.exit_code, "`octavo refresh`" in refused.stderr) == (1, True)
    restored = octavo(*other, "restore", file, library=tmp_path / "there")
    assert restored.exit_code == 0
    assert "vectors of the embedder all-MiniLM-L6-v2" in restored.stderr
    assert "`octavo refresh`" in restored.stderr
    settings = Settings.checked({"embedder": {"model": str(tiny_model())}, "library": {"path": copy}})
    with DocumentQA.open(settings=settings, any_embedder=True) as qa:
        assert len(qa.documents()) == 1
        for work in (lambda: qa.add(tmp_path), lambda: qa.search("lamp"), lambda: qa.ask("lamp?")):
            with pytest.raises(LibraryMismatch, match="the one configured is"):
                work()


def test_a_reading_command_brings_an_old_library_up_to_date(tmp_path: Path) -> None:
    with tarfile.open(Path(keep_library.__file__).with_name("library-schema-1.tar.xz")) as tar:
        tar.extractall(tmp_path, filter="data")
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
        assert (done.exit_code, "into a library itself" in done.output) == (1, True), done.output
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


def test_an_error_amid_an_answer_begins_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    def breaking() -> Iterator[Event]:
        yield Event(text="The lighthouse was")
        raise ReplyFailed("the reply broke off")

    with pytest.raises(ReplyFailed):
        printed(breaking())
    assert capsys.readouterr().out == "The lighthouse was\n"
