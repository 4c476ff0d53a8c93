-- People who agreed to be known, and who came to a door. Whatever names, describes or shows somebody
-- is sealed by the vault and opaque here; ids, times and states are not. Times are microseconds since
-- 1970.

CREATE TABLE people (
    id BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;

-- Views of a person's face, and faces of which somebody said that they are not this person's.
CREATE TABLE face_samples (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL,
    is_rejection INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    picture BLOB,
    created_us INTEGER NOT NULL
) STRICT;

CREATE INDEX face_samples_by_person ON face_samples (person);

CREATE TABLE visits (
    id BLOB NOT NULL PRIMARY KEY,
    camera BLOB NOT NULL,
    started_us INTEGER NOT NULL,
    ended_us INTEGER,
    state TEXT NOT NULL,
    kept INTEGER NOT NULL,
    has_unknown INTEGER NOT NULL,
    has_pictures INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE INDEX visits_by_time ON visits (started_us, id);

CREATE INDEX visits_with_pictures ON visits (started_us) WHERE has_pictures = 1;
CREATE INDEX visits_unseen ON visits (camera) WHERE state IN ('new', 'missed');
CREATE INDEX visits_unended ON visits (started_us) WHERE ended_us IS NULL;

CREATE TABLE visit_people (
    person BLOB NOT NULL,
    visit BLOB NOT NULL,
    PRIMARY KEY (person, visit)
) STRICT, WITHOUT ROWID;

CREATE INDEX visit_people_by_visit ON visit_people (visit);
