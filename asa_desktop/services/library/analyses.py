"""What was found out about takes; a new analysis is added, none is overwritten."""

from __future__ import annotations

from collections.abc import Sequence

from asa_desktop import __version__
from asa_desktop.core.errors import LibraryError
from asa_desktop.services.library.rows import AnalysisRow, ClipRow, Status
from asa_desktop.services.library.takes import Takes
from asa_desktop.services.library.text import stamp


class Analyses(Takes):
    """Analyses with their clips: by another model or latency they stand side by side."""

    def add_analysis(
        self,
        *,
        take: int,
        document: str,
        status: Status,
        reason: str | None,
        score: float | None,
        low: float | None,
        high: float | None,
        case: str | None,
        model: str | None,
        features: str,
        latency_s: float,
        clips: Sequence[ClipRow],
    ) -> AnalysisRow:
        """Keep an analysis and all its clips, or nothing of it.

        `document` is the published JSON, `latency_s` the one that was used. Clips of the same
        start and end (to the microsecond) are the same clip of the take, whoever scored it.
        Raises ``take_unknown``.
        """
        self.take(take)
        with self.database.transaction():
            cursor = self.database.run(
                "INSERT INTO analyses (take_id, document, status, reason, score, low, high,"
                " step_case, model, features, latency_s, program, made_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(take, document, status, reason, score, low, high, case),
                    *(model, features, latency_s, __version__, stamp()),
                ],
            )
            analysis = cursor.lastrowid
            assert analysis is not None
            for clip in clips:
                self._insert_clip(take, analysis, clip)
        return self.analysis(analysis)

    def _insert_clip(self, take: int, analysis: int, clip: ClipRow) -> None:
        place = (take, round(clip.start, 6), round(clip.end, 6))
        self.database.run(
            "INSERT INTO clips (take_id, start_s, end_s) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            place,
        )
        self.database.run(
            "INSERT INTO clip_results"
            " (analysis_id, clip_id, score, reason, cosine, voiced, pitched)"
            " SELECT ?, id, ?, ?, ?, ?, ? FROM clips"
            " WHERE take_id = ? AND start_s = ? AND end_s = ?",
            (analysis, clip.score, clip.reason, clip.cosine, clip.voiced, clip.pitched, *place),
        )

    def analysis(self, analysis: int) -> AnalysisRow:
        """One analysis. Raises ``analysis_unknown``."""
        row = self.database.row("SELECT * FROM analyses WHERE id = ?", (analysis,))
        if row is None:
            raise LibraryError("analysis_unknown", analysis=analysis)
        return AnalysisRow.of(row)

    def analyses(self, *, take: int) -> list[AnalysisRow]:
        """All analyses of a take, the newest first."""
        rows = self.database.rows(
            "SELECT * FROM analyses WHERE take_id = ? ORDER BY id DESC", (take,)
        )
        return [AnalysisRow.of(row) for row in rows]

    def document(self, analysis: int) -> str:
        """The published JSON of an analysis. Raises ``analysis_unknown``."""
        row = self.database.row("SELECT document FROM analyses WHERE id = ?", (analysis,))
        if row is None:
            raise LibraryError("analysis_unknown", analysis=analysis)
        return str(row["document"])

    def clips(self, *, analysis: int) -> list[ClipRow]:
        """What an analysis found in each clip, in time order."""
        rows = self.database.rows(
            "SELECT start_s, end_s, score, reason, cosine, voiced, pitched"
            " FROM clip_results JOIN clips ON clips.id = clip_id"
            " WHERE analysis_id = ? ORDER BY start_s, end_s",
            (analysis,),
        )
        return [ClipRow(*row) for row in rows]
