-- What people are to be told: matters, and for each what single recipients are told of it. Words and
-- pictures are in `payload` only, sealed, and gone once it was delivered. Times are microseconds
-- since 1970; severities are 0 (info), 1 (warning) and 2 (critical).

CREATE TABLE notification_matters (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    severity INTEGER NOT NULL,
    camera BLOB,
    needs_answer INTEGER NOT NULL,
    opened_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    acknowledged_us INTEGER,
    acknowledged_by TEXT
) STRICT;

CREATE INDEX notification_matters_by_time ON notification_matters (updated_us);

CREATE TABLE notifications (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    matter TEXT NOT NULL REFERENCES notification_matters (id) ON DELETE CASCADE,
    recipient BLOB NOT NULL,
    step INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    state TEXT NOT NULL,
    payload BLOB,
    digest BLOB NOT NULL,
    reference TEXT,
    attempts INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    due_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL,
    sent_us INTEGER,
    error TEXT
) STRICT;

CREATE UNIQUE INDEX notifications_by_id ON notifications (id);

-- One row for each matter, recipient and step: nothing is ever queued twice.
CREATE UNIQUE INDEX notifications_by_matter ON notifications (matter, recipient, step);

CREATE INDEX notifications_by_state ON notifications (state, recipient, seq);

CREATE INDEX notifications_by_sent ON notifications (recipient, sent_us);
