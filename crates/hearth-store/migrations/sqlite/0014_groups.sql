-- Groups of people. What a group is called and who belongs to it is sealed by the vault and opaque
-- here. Times are microseconds since 1970.

CREATE TABLE person_groups (
    id BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;
