-- What the hub does with a device by itself: schedules and limits. Times are microseconds since 1970.

CREATE TABLE device_rules (
    id BLOB NOT NULL PRIMARY KEY,
    device BLOB NOT NULL,
    rule TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    handled_us INTEGER
) STRICT;

CREATE INDEX device_rules_by_device ON device_rules (device);
