-- Lists as people left them.
CREATE TABLE saved_view (
  id       TEXT   PRIMARY KEY,
  page     TEXT   NOT NULL, -- feed, services
  holder   TEXT   NOT NULL, -- whose names it is among: its owner's, or empty where it is shared
  folded   TEXT   NOT NULL, -- the name as names are compared
  name     TEXT   NOT NULL,
  query    TEXT   NOT NULL,
  owner    TEXT   NOT NULL, -- the principal
  saved_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_view_name ON saved_view (page, holder, folded);
INSERT INTO counter (name, value) VALUES ('view', 0);
