-- Accounts may end, have rules about cameras and second factors; programs have tokens.
-- Secrets are sealed by the vault or are hashes of 80 random bits and more.

ALTER TABLE users ADD COLUMN expires_us INTEGER;
ALTER TABLE users ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN camera_access TEXT NOT NULL DEFAULT '{}';

ALTER TABLE sessions ADD COLUMN proved_us INTEGER NOT NULL DEFAULT 0;

CREATE TABLE second_factors (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret BLOB NOT NULL,
    confirmed_us INTEGER,
    step_used INTEGER NOT NULL,
    recovery TEXT NOT NULL
) STRICT;

CREATE TABLE passkeys (
    credential BLOB NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    site TEXT NOT NULL,
    public_key BLOB NOT NULL,
    counter INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    used_us INTEGER
) STRICT;

CREATE UNIQUE INDEX passkeys_by_id ON passkeys (id);
CREATE INDEX passkeys_by_user ON passkeys (user_id, created_us);

CREATE TABLE tokens (
    id BLOB NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    networks TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL,
    used_us INTEGER,
    used_from TEXT
) STRICT;

CREATE UNIQUE INDEX tokens_by_hash ON tokens (hash);
CREATE INDEX tokens_by_user ON tokens (user_id, created_us);

-- A row of refresh tokens: only the hash of the newest is kept, so an older one is known as such.
CREATE TABLE token_families (
    id BLOB NOT NULL PRIMARY KEY,
    token_id BLOB NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL
) STRICT;

CREATE INDEX token_families_by_token ON token_families (token_id, created_us);
