-- Facts. The body is the fact; label, score, ended_us and thumbnail of a noticed activity are what
-- became known of it since.

CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: clients resume after it
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    camera BLOB,
    at_us INTEGER NOT NULL,
    label TEXT,
    score REAL,
    severity TEXT NOT NULL,
    body TEXT NOT NULL,
    ended_us INTEGER,
    thumbnail INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX events_by_id ON events (id);

-- Each ends in the order that lists are read in; SQLite appends seq to every one of them.
CREATE INDEX events_by_time ON events (at_us);
CREATE INDEX events_by_kind ON events (kind, at_us);
CREATE INDEX events_by_camera ON events (camera, kind, at_us);
CREATE INDEX events_by_label ON events (label, at_us) WHERE label IS NOT NULL;
CREATE INDEX events_by_camera_label ON events (camera, label, at_us) WHERE label IS NOT NULL;
CREATE INDEX events_unended ON events (kind, at_us)
    WHERE kind = 'activity_noticed' AND ended_us IS NULL;

-- What SQLite's planner believes of a full house (https://sqlite.org/fileformat2.html#stat1tab):
-- number of rows, then rows for each value of the first column, of the first two, and so on.
-- Written down once instead of measured by ANALYZE, so that a query has one plan for ever.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('segments', 'sqlite_autoindex_segments_1', '1000000 1'),
    ('segments', 'segments_by_time', '1000000 60000 1 1'),
    ('segments', 'segments_open', '16 1'),
    ('gaps', 'gaps_by_time', '10000 600 1'),
    ('gaps', 'gaps_open', '16 1'),
    ('events', 'events_by_id', '1000000 1'),
    ('events', 'events_by_time', '1000000 2'),
    ('events', 'events_by_kind', '1000000 60000 2'),
    ('events', 'events_by_camera', '1000000 60000 10000 1'),
    ('events', 'events_by_label', '900000 90000 2'),
    ('events', 'events_by_camera_label', '900000 60000 10000 1'),
    ('events', 'events_unended', '16 16 1');
-- Read them now and not only when the database is opened next.
ANALYZE sqlite_schema;
