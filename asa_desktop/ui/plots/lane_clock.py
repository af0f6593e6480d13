"""Where the song is between two looks at the engine, so that it flows instead of stepping."""

from __future__ import annotations

_PULL = 0.08
_FAR_S = 0.12
_AHEAD_S = 0.15


class SongClock:
    """Follows a position that comes in steps; it never runs backwards by less than `_FAR_S`.

    Between two looks the song goes on at the clock's pace; what is found then pulls it softly
    into place. A jump, such as a new take, is followed at once. Where the position stands still
    (the device is away), so does the song.
    """

    def __init__(self) -> None:
        self._shown: float | None = None
        self._seen = 0.0
        self._moved_at = 0.0
        self._now = 0.0

    def reset(self) -> None:
        self._shown = None

    def at(self, now: float, song_s: float) -> float:
        """The song's position at `now` (any steady clock); `song_s` is the engine's last word."""
        if self._shown is None:
            self._shown, self._seen = song_s, song_s
            self._moved_at = self._now = now
            return song_s
        step, self._now = max(0.0, now - self._now), now
        if song_s != self._seen:
            self._seen, self._moved_at = song_s, now
        elif now - self._moved_at > _AHEAD_S:  # it stands
            self._shown = song_s
            return song_s
        expected = song_s + now - self._moved_at
        ahead = self._shown + step
        if abs(expected - ahead) > _FAR_S:
            self._shown = expected
        else:
            self._shown = max(self._shown, ahead + _PULL * (expected - ahead))
        return self._shown
