-- Rules of the house, and what each did. What a rule says is sealed by the vault and opaque here: it
-- tells when nobody is at home. Times are microseconds since 1970.

CREATE TABLE house_rules (
    id BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL
) STRICT;

CREATE TABLE rule_runs (
    id INTEGER NOT NULL PRIMARY KEY,
    rule BLOB NOT NULL,
    at_us INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE INDEX rule_runs_by_rule ON rule_runs (rule, id);
CREATE INDEX rule_runs_by_time ON rule_runs (at_us);
