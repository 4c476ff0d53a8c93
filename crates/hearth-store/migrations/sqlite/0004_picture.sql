-- Pictures go before their facts do.
CREATE INDEX events_with_picture ON events (at_us) WHERE thumbnail = 1;

-- All that a timeline shows of an activity, one after another: 700 of a day's rows lie on 700
-- different pages of the table.
CREATE INDEX events_activities ON events (camera, at_us, ended_us, id, label, score, thumbnail)
    WHERE kind = 'activity_noticed';

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('events', 'events_with_picture', '20000 1'),
    ('events', 'events_activities', '160000 10000 1 1 1 1 1 1');
ANALYZE sqlite_schema;
