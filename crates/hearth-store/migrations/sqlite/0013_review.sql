-- Pictures that people look at to correct the detector. Labels and boxes are sealed under the key of
-- their camera, as are the pictures, which lie beside those of facts. Times are microseconds since
-- 1970.

CREATE TABLE reviews (
    id BLOB NOT NULL PRIMARY KEY,
    event BLOB NOT NULL,
    camera BLOB NOT NULL,
    at_us INTEGER NOT NULL,
    queued_us INTEGER NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX reviews_by_event ON reviews (event);
CREATE INDEX reviews_by_time ON reviews (at_us, id);
CREATE INDEX reviews_by_state ON reviews (state, at_us, id);
CREATE INDEX reviews_by_queued ON reviews (queued_us);
CREATE INDEX reviews_by_camera ON reviews (camera, state);
