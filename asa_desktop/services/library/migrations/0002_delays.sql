-- How a take lies to its song, and the delays that were calibrated.
ALTER TABLE takes ADD COLUMN clock_ratio REAL NOT NULL DEFAULT 1;   -- microphone's clock / song's
ALTER TABLE takes ADD COLUMN delay_from TEXT NOT NULL DEFAULT '';   -- how latency_s came about
ALTER TABLE takes ADD COLUMN start_s REAL NOT NULL DEFAULT 0;       -- where in the song it begins

-- Every calibration stays; of the same devices and settings the newest counts.
CREATE TABLE delays (
    id INTEGER PRIMARY KEY,
    input TEXT NOT NULL,
    output TEXT NOT NULL,
    host_api TEXT NOT NULL,
    rate INTEGER NOT NULL,
    block INTEGER NOT NULL,
    latency TEXT NOT NULL,
    duplex INTEGER NOT NULL CHECK (duplex IN (0, 1)),
    delay_s REAL NOT NULL,
    spread_s REAL NOT NULL,
    found INTEGER NOT NULL,
    played INTEGER NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('chirps', 'taps')),
    stamp_delay_s REAL NOT NULL,          -- what the system's time stamps claimed beside it
    measured_at TEXT NOT NULL
);
CREATE INDEX delays_by_devices ON delays (input, output, host_api, rate, block, latency, duplex);
