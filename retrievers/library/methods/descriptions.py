"""What models wrote of crops, by the crop's look: kept apart from versions, so that reading again loses nothing."""

from __future__ import annotations

from collections.abc import Sequence

from ..sqlite import catalogue, codec
from ..sqlite.schema import now
from .opened import Opened


class Descriptions(Opened):
    """The descriptions that a library keeps. `content` is the hash of a crop."""

    def description(self, content: str, model: str, prompt: str) -> str | None:
        """What `model` wrote, asked with this version of the prompt; None if it never was."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT text FROM descriptions WHERE content = ? AND model = ? AND prompt = ?", (content, model, prompt)
            ).fetchone()
        return codec.decode_text(row[0]) if row is not None else None

    def latest_descriptions(self, contents: Sequence[str]) -> dict[str, str]:
        """The newest description of each crop that has one, whoever wrote it."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT content, text, max(at) FROM descriptions WHERE content IN (SELECT value FROM json_each(?))"
                " GROUP BY content",
                (codec.encode_json(list(contents)),),
            ).fetchall()
        return {content: codec.decode_text(text) for content, text, _ in rows}

    def keep_description(self, content: str, model: str, prompt: str, text: str) -> None:
        """Keep a description from this moment on; no search meets it before a version has it."""
        with self._lock.held(self._wait), self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO descriptions VALUES (?, ?, ?, ?, ?)",
                (content, model, prompt, codec.encode_text(text), now()),
            )

    def is_described(self, document_id: str) -> bool:
        """Whether the live version of a document holds descriptions."""
        with self._database.reading() as connection:
            if catalogue.find(connection, document_id) is None:
                return False
            key = catalogue.live_key(connection, document_id)
            found = "SELECT 1 FROM regions WHERE owner = ? AND source = 'vlm' LIMIT 1"
            return connection.execute(found, (key,)).fetchone() is not None
