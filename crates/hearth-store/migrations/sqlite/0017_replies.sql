-- What the house says at a door. What a reply is called and its sound are sealed by the vault and opaque
-- here. Times are microseconds since 1970.

CREATE TABLE quick_replies (
    id BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    sound BLOB NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;
