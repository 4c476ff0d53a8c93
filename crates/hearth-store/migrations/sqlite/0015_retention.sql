-- Each camera has its own time after which pictures and visits go.
DROP INDEX events_with_picture;
CREATE INDEX events_with_picture ON events (camera, at_us) WHERE thumbnail = 1;
CREATE INDEX visits_of_camera ON visits (camera, started_us);

DELETE FROM sqlite_stat1 WHERE idx = 'events_with_picture';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('events', 'events_with_picture', '20000 1250 1'),
    ('visits', 'visits_of_camera', '20000 1250 1');
ANALYZE sqlite_schema;
