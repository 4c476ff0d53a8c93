-- People on the watch list, and visits of which a person has to say whether one of them came. Who is
-- watched for, why, and how they look is sealed by the vault and opaque here. Times are microseconds
-- since 1970.

CREATE TABLE watched (
    id BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;

CREATE TABLE watched_pictures (
    id BLOB NOT NULL PRIMARY KEY,
    watched BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE INDEX watched_pictures_of ON watched_pictures (watched);

ALTER TABLE visits ADD COLUMN awaits_review INTEGER NOT NULL DEFAULT 0;
CREATE INDEX visits_awaiting_review ON visits (started_us) WHERE awaits_review = 1;
