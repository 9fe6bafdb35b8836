"""What models wrote of crops, by the crop's look: kept apart from versions, so that reading again loses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..sqlite import catalogue, codec
from ..sqlite.schema import now
from .opened import Opened


class Descriptions(Opened):
    """The descriptions that a library keeps. `content` is the hash of a crop."""

    def description(self, content: str, model: str, prompt: str) -> str | None:
        """What `model` wrote, asked with this version of the prompt; None if it never was."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT text FROM descriptions WHERE content = ? AND model = ? AND prompt = ? LIMIT 1",
                (content, model, prompt),
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

    def keep_descriptions(self, document_id: str, model: str, prompt: str, texts: Mapping[str, str]) -> None:
        """Keep what was written of a document's crops (by their content) until the document is removed.

        No search meets them before a version has them. Of a document that is gone nothing is kept.
        """
        with self._lock.held(self._wait), self._database.writing() as connection:
            if catalogue.find(connection, document_id) is None:
                return
            connection.executemany(
                "INSERT OR REPLACE INTO descriptions VALUES (?, ?, ?, ?, ?, ?)",
                [(content, model, prompt, document_id, codec.encode_text(t), now()) for content, t in texts.items()],
            )
            # Those that an older Octavo kept name no document; now one is known.
            connection.execute(
                "DELETE FROM descriptions WHERE document = '' AND model = ? AND prompt = ?"
                " AND content IN (SELECT value FROM json_each(?))",
                (model, prompt, codec.encode_json(list(texts))),
            )

    def is_described(self, document_id: str) -> bool:
        """Whether the live version of a document holds descriptions."""
        with self._database.reading() as connection:
            if catalogue.find(connection, document_id) is None:
                return False
            key = catalogue.live_key(connection, document_id)
            found = "SELECT 1 FROM regions WHERE owner = ? AND source = 'vlm' LIMIT 1"
            return connection.execute(found, (key,)).fetchone() is not None
