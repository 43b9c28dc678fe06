-- What was seen and told by nobody is few, and is asked for with every deploy.
ALTER TABLE event ADD COLUMN dark SMALLINT NOT NULL DEFAULT 0;
UPDATE event SET dark = 1 WHERE doc LIKE '%"dark":true%';
CREATE INDEX event_dark ON event (at, seq) WHERE dark = 1;
