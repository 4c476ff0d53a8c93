-- What people set up: cameras, accounts, sign-ins, holds, settings.
-- Ids are 16 bytes, times are microseconds since 1970, flags are 0 or 1.

CREATE TABLE cameras (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    settings TEXT NOT NULL,
    credentials BLOB,
    created_us INTEGER NOT NULL,
    removed_us INTEGER
) STRICT;

CREATE UNIQUE INDEX cameras_by_name ON cameras (name) WHERE removed_us IS NULL;

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    disabled_us INTEGER
) STRICT;

CREATE UNIQUE INDEX users_by_name ON users (name_key);

CREATE TABLE sessions (
    token BLOB NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_us INTEGER NOT NULL,
    last_seen_us INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
CREATE INDEX sessions_by_user ON sessions (user_id, last_seen_us);

CREATE TABLE holds (
    id BLOB NOT NULL PRIMARY KEY,
    camera BLOB NOT NULL,
    from_us INTEGER NOT NULL,
    to_us INTEGER NOT NULL,
    reason TEXT NOT NULL,
    until_us INTEGER,
    created_us INTEGER NOT NULL,
    created_by BLOB
) STRICT;

CREATE INDEX holds_by_camera ON holds (camera, from_us);

CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
