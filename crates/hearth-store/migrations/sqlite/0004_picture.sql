-- Pictures go before their facts do.
CREATE INDEX events_with_picture ON events (at_us) WHERE thumbnail = 1;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('events', 'events_with_picture', '20000 1');
ANALYZE sqlite_schema;
