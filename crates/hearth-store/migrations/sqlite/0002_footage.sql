-- What is on disk, and what is missing.
-- No foreign key to cameras: footage must be indexable before its camera is restored.

CREATE TABLE segments (
    id BLOB NOT NULL PRIMARY KEY,
    camera BLOB NOT NULL,
    start_us INTEGER NOT NULL,
    end_us INTEGER NOT NULL,
    wall_start_us INTEGER NOT NULL,
    wall_end_us INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    state INTEGER NOT NULL,     -- 0 open, 1 closed, 2 damaged
    kind INTEGER NOT NULL,      -- 0 continuous, 1 event
    fragments INTEGER NOT NULL,
    has_audio INTEGER NOT NULL
) STRICT;

-- Holds all that range and retention queries compare, and all that a timeline shows.
CREATE INDEX segments_by_time ON segments (camera, wall_start_us, wall_end_us);
CREATE INDEX segments_open ON segments (camera) WHERE state = 0;

-- Sums that would otherwise be a scan. Changed in the transaction that changes the segments.
CREATE TABLE camera_usage (
    camera BLOB NOT NULL PRIMARY KEY,
    segments INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE gaps (
    id INTEGER PRIMARY KEY,
    camera BLOB NOT NULL,
    from_us INTEGER NOT NULL,
    to_us INTEGER,              -- null while nothing is recorded
    cause TEXT NOT NULL
) STRICT;

CREATE INDEX gaps_by_time ON gaps (camera, from_us);
CREATE UNIQUE INDEX gaps_open ON gaps (camera) WHERE to_us IS NULL;
