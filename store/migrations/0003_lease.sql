-- What one server at a time does, such as looking at the sources. The time is that of the database.
CREATE TABLE lease (
  name       TEXT   PRIMARY KEY,
  holder     TEXT   NOT NULL,
  expires_at BIGINT NOT NULL
);

-- The schema stands in the row that every writer locks first: one that knows an older schema cannot miss it.
ALTER TABLE counter ADD COLUMN schema BIGINT NOT NULL DEFAULT 0;
