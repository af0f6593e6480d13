-- The first library. Times of day are UTC, ISO 8601; seconds are on the song's clock.
PRAGMA application_id = 1095975217;

CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    folded TEXT NOT NULL UNIQUE,          -- the name without regard to case
    added_at TEXT NOT NULL
);

CREATE TABLE songs (
    id INTEGER PRIMARY KEY,
    location NOT NULL UNIQUE,             -- absolute path (bytes where it is no text), or bundled:...
    title TEXT NOT NULL,
    artist TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    parts TEXT NOT NULL DEFAULT '',       -- what it holds, separated by blanks
    folded TEXT NOT NULL,                 -- title and artist as they are searched
    added_at TEXT NOT NULL,
    removed_at TEXT
);

CREATE TABLE takes (
    id INTEGER PRIMARY KEY,
    song_id INTEGER NOT NULL REFERENCES songs (id),
    person_id INTEGER NOT NULL REFERENCES people (id),
    title TEXT NOT NULL DEFAULT '',
    file TEXT NOT NULL UNIQUE,            -- its name in recordings/, or in trash/ once removed
    sha256 TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('recorded', 'imported')),
    original_name TEXT NOT NULL DEFAULT '',
    latency_s REAL NOT NULL DEFAULT 0,    -- what is taken off the recording's start
    duration_s REAL,
    sample_rate INTEGER,
    device TEXT NOT NULL DEFAULT '',
    xruns INTEGER NOT NULL DEFAULT 0,
    gaps TEXT NOT NULL DEFAULT '[]',      -- JSON: [[start, end], ...] in the recording
    recorded_at TEXT NOT NULL,
    added_at TEXT NOT NULL,
    removed_at TEXT
);
CREATE INDEX takes_by_song ON takes (song_id, recorded_at);
CREATE INDEX takes_by_person ON takes (person_id, recorded_at);

-- A window of a take, whatever was found out about it; analyses with the same grid share it.
CREATE TABLE clips (
    id INTEGER PRIMARY KEY,
    take_id INTEGER NOT NULL REFERENCES takes (id) ON DELETE CASCADE,
    start_s REAL NOT NULL,
    end_s REAL NOT NULL CHECK (end_s > start_s),
    UNIQUE (take_id, start_s, end_s)
);

CREATE TABLE analyses (
    id INTEGER PRIMARY KEY,
    take_id INTEGER NOT NULL REFERENCES takes (id) ON DELETE CASCADE,
    model TEXT,
    features TEXT NOT NULL,
    latency_s REAL NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('scored', 'not_scored')),
    reason TEXT,
    score REAL,
    low REAL,
    high REAL,
    step_case TEXT,
    document TEXT NOT NULL,               -- the whole analysis as published JSON
    program TEXT NOT NULL,                -- version that made it
    made_at TEXT NOT NULL
);
CREATE INDEX analyses_by_take ON analyses (take_id, id);

CREATE TABLE clip_results (
    analysis_id INTEGER NOT NULL REFERENCES analyses (id) ON DELETE CASCADE,
    clip_id INTEGER NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
    score REAL,
    reason TEXT,
    cosine REAL,
    voiced REAL,
    pitched REAL,
    PRIMARY KEY (analysis_id, clip_id)
) WITHOUT ROWID;
CREATE INDEX clip_results_by_clip ON clip_results (clip_id);

CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    take_id INTEGER NOT NULL REFERENCES takes (id) ON DELETE CASCADE,
    clip_id INTEGER REFERENCES clips (id) ON DELETE SET NULL,
    author_id INTEGER NOT NULL REFERENCES people (id),
    at_s REAL NOT NULL,
    text TEXT NOT NULL,
    made_at TEXT NOT NULL
);
CREATE INDEX comments_by_take ON comments (take_id, at_s);

CREATE TABLE ratings (
    id INTEGER PRIMARY KEY,
    take_id INTEGER NOT NULL REFERENCES takes (id) ON DELETE CASCADE,
    clip_id INTEGER REFERENCES clips (id) ON DELETE CASCADE,
    rater_id INTEGER NOT NULL REFERENCES people (id),
    aspect TEXT NOT NULL DEFAULT 'overall',
    score REAL NOT NULL CHECK (score BETWEEN 0 AND 100),
    made_at TEXT NOT NULL
);
CREATE INDEX ratings_by_take ON ratings (take_id);

-- An analysis is what was found on that day: a new one is added, none is rewritten.
CREATE TRIGGER analyses_stay BEFORE UPDATE ON analyses
BEGIN
    SELECT RAISE(ABORT, 'an analysis is never overwritten');
END;
CREATE TRIGGER clip_results_stay BEFORE UPDATE ON clip_results
BEGIN
    SELECT RAISE(ABORT, 'a clip result is never overwritten');
END;
-- Nor is it recorded twice: the bytes behind a take are the ones it was made with.
CREATE TRIGGER recordings_stay BEFORE UPDATE OF sha256, file ON takes
BEGIN
    SELECT RAISE(ABORT, 'the recording of a take never changes');
END;
