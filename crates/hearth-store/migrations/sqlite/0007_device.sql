-- Devices: what people set up, their sealed passwords, what each has shown, and what was measured.
-- Times are microseconds since 1970.

CREATE TABLE devices (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    credentials BLOB,
    memory TEXT NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX devices_by_name ON devices (name);

CREATE TABLE readings (
    device BLOB NOT NULL,
    key TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (device, key, at_us)
) STRICT, WITHOUT ROWID;

CREATE INDEX readings_by_time ON readings (at_us);
