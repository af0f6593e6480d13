"""Calibrated delays, kept for each pair of devices and the settings that they were opened with."""

from __future__ import annotations

from asa_desktop.services.library.rows import DelayRow, Method
from asa_desktop.services.library.shelf import Shelf
from asa_desktop.services.library.text import stamp

_DEVICES = ("input", "output", "host_api", "rate", "block", "latency", "duplex")


class Delays(Shelf):
    """Every calibration stays; of the same devices and settings the newest counts."""

    def add_delay(
        self,
        *,
        input: str,
        output: str,
        host_api: str,
        rate: int,
        block: int,
        latency: str,
        duplex: bool,
        delay_s: float,
        spread_s: float,
        found: int,
        played: int,
        method: Method,
        stamp_delay_s: float,
    ) -> DelayRow:
        """Keep what a calibration of these devices gave."""
        values: dict[str, object] = {
            **{"input": input, "output": output, "host_api": host_api},
            **{"rate": rate, "block": block, "latency": latency, "duplex": duplex},
            **{"delay_s": delay_s, "spread_s": spread_s, "found": found, "played": played},
            **{"method": method, "stamp_delay_s": stamp_delay_s, "measured_at": stamp()},
        }
        marks = ", ".join("?" for _ in values)
        with self.database.transaction():
            cursor = self.database.run(
                f"INSERT INTO delays ({', '.join(values)}) VALUES ({marks})", [*values.values()]
            )
        row = self.database.row("SELECT * FROM delays WHERE id = ?", (cursor.lastrowid,))
        assert row is not None
        return DelayRow.of(row)

    def delay(
        self,
        *,
        input: str,
        output: str,
        host_api: str,
        rate: int,
        block: int,
        latency: str,
        duplex: bool,
    ) -> DelayRow | None:
        """The newest calibration of exactly these devices and settings."""
        where = " AND ".join(f"{name} = ?" for name in _DEVICES)
        row = self.database.row(
            f"SELECT * FROM delays WHERE {where} ORDER BY id DESC LIMIT 1",
            (input, output, host_api, rate, block, latency, duplex),
        )
        return None if row is None else DelayRow.of(row)

    def delays(self, *, history: bool = False) -> list[DelayRow]:
        """The delays that count, or all that were ever measured; the newest first."""
        newest = f"SELECT max(id) FROM delays GROUP BY {', '.join(_DEVICES)}"
        chosen = "" if history else f"WHERE id IN ({newest})"
        rows = self.database.rows(f"SELECT * FROM delays {chosen} ORDER BY id DESC")
        return [DelayRow.of(row) for row in rows]
