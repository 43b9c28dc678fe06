-- What began and did not end is little at any time, and is asked for to tell how entities are: of a large log it was looked for among
-- all alerts and deploys of a week.
CREATE INDEX event_open ON event (at, seq) WHERE phase = 2;
