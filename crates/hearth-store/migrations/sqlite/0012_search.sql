-- What facts are found by beside time, kind, camera and label: the words of the texts in them, folded,
-- and the ids of zones, devices and visits that they name. Never what a person or a camera is called:
-- names are resolved to ids before anybody looks here. A row goes with its fact.
CREATE TABLE event_words (
    word TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    seq INTEGER NOT NULL REFERENCES events (seq) ON DELETE CASCADE,
    PRIMARY KEY (word, at_us, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_words_by_event ON event_words (seq);

-- What somebody asked, and searches that somebody keeps; sealed. `owner` is an account, a token or
-- the owner of the machine. Times are microseconds since 1970.
CREATE TABLE conversations (
    id BLOB NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    sealed BLOB NOT NULL,
    started_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL
) STRICT;

CREATE INDEX conversations_by_owner ON conversations (owner, started_us);
CREATE INDEX conversations_by_end ON conversations (expires_us);

CREATE TABLE saved_searches (
    id BLOB NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;

CREATE INDEX saved_searches_by_owner ON saved_searches (owner, created_us);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('event_words', 'event_words', '1000000 1000 2 1'),
    ('event_words', 'event_words_by_event', '1000000 3'),
    ('conversations', 'conversations_by_owner', '1000 50 1'),
    ('conversations', 'conversations_by_end', '1000 1'),
    ('saved_searches', 'saved_searches_by_owner', '500 50 1');
ANALYZE sqlite_schema;
