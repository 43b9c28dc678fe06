-- The roll and the log. Times are microseconds since 1970 in UTC. {{clustered}} keeps a table in the order of its key
-- where the engine can; {{number}} is the 64-bit type whose primary key is the row's own number where the engine has one.
-- Types are chosen so that both engines read them alike.

CREATE TABLE counter (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
-- 'log' is only ever locked: its numbers are counted by event and revision. 'tally' is the last event that is counted.
INSERT INTO counter (name, value) VALUES ('log', 0), ('tally', 0), ('roll', 0), ('entity', 0);

CREATE TABLE entity (
  id   BIGINT PRIMARY KEY,
  kind TEXT   NOT NULL,
  name TEXT   NOT NULL, -- folded
  rev  BIGINT NOT NULL, -- of the counter 'roll', at the last change
  doc  TEXT   NOT NULL, -- the merged entity as JSON
  UNIQUE (kind, name)
);
CREATE UNIQUE INDEX entity_rev ON entity (rev, id);

-- Rows are never changed but for replaced_at: what was believed at any past instant can be asked.
CREATE TABLE claim (
  entity      BIGINT   NOT NULL,
  field       TEXT     NOT NULL,
  source      TEXT     NOT NULL,
  rank        SMALLINT NOT NULL,
  value       TEXT     NOT NULL, -- JSON
  target      TEXT,              -- the reference that a relation points at
  held_from   BIGINT   NOT NULL,
  held_to     BIGINT,            -- null: it still holds
  learned_at  BIGINT   NOT NULL,
  replaced_at BIGINT,            -- null: it is still believed
  rev         BIGINT   NOT NULL,
  said_by     TEXT     NOT NULL, -- the principal that wrote it
  PRIMARY KEY (entity, field, source, rev, held_from)
) {{clustered}};
CREATE INDEX claim_target ON claim (target, entity) WHERE target IS NOT NULL;

-- What a source last said of an entity as a whole: an unchanged statement is known by its digest alone.
CREATE TABLE statement (
  source       TEXT   NOT NULL,
  entity       BIGINT NOT NULL,
  digest       BYTEA  NOT NULL,
  confirmed_at BIGINT NOT NULL,
  PRIMARY KEY (source, entity)
) {{clustered}};
CREATE INDEX statement_entity ON statement (entity, source);

CREATE TABLE event (
  seq         {{number}} PRIMARY KEY, -- a number of the log; the id of an event ends in it
  identity    BYTEA    UNIQUE, -- digest of source and key; null where the key is the id, so that nothing else can have it
  at          BIGINT   NOT NULL,
  kind        SMALLINT NOT NULL,
  phase       SMALLINT NOT NULL,
  environment TEXT     NOT NULL,
  source      TEXT     NOT NULL,
  actor       TEXT     NOT NULL,
  actor_type  TEXT     NOT NULL,
  thread      BYTEA,
  doc         TEXT     NOT NULL -- the event as JSON
);
CREATE INDEX event_at ON event (at, seq, thread);
CREATE INDEX event_kind ON event (kind, at, seq);
CREATE INDEX event_actor ON event (actor, at, seq) WHERE actor <> '';
CREATE INDEX event_failed ON event (at, seq) WHERE phase = 4;
CREATE INDEX event_thread ON event (thread, at, seq) WHERE thread IS NOT NULL;

CREATE TABLE event_subject (
  entity BIGINT NOT NULL,
  at     BIGINT NOT NULL,
  seq    BIGINT NOT NULL,
  PRIMARY KEY (entity, at, seq)
) {{clustered}};

-- An event that changed after its first commit, by a number of the log as well: what a live reader must see again.
CREATE TABLE revision (
  rev {{number}} PRIMARY KEY,
  seq BIGINT NOT NULL
);

CREATE TABLE story_key (
  key    BYTEA  PRIMARY KEY,
  thread BYTEA  NOT NULL,
  at     BIGINT NOT NULL -- of the newest step
) {{clustered}};

CREATE TABLE storm (
  key      BYTEA   NOT NULL,
  first_at BIGINT  NOT NULL,
  thread   BYTEA   NOT NULL,
  last_at  BIGINT  NOT NULL,
  events   INTEGER NOT NULL,
  subjects TEXT    NOT NULL, -- JSON: the distinct names that it is about, up to a bound
  one      BIGINT  NOT NULL, -- the first two events, which stand alone until a third comes
  two      BIGINT  NOT NULL,
  PRIMARY KEY (key, first_at, thread)
) {{clustered}};
CREATE INDEX storm_thread ON storm (thread) WHERE events > 2; -- most never become one

-- Outside names that no entity answers to.
CREATE TABLE outside (
  alias TEXT   NOT NULL,
  at    BIGINT NOT NULL,
  seq   BIGINT NOT NULL,
  PRIMARY KEY (alias, at, seq)
) {{clustered}};
CREATE TABLE unclaimed (
  alias    TEXT   PRIMARY KEY,
  events   BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at  BIGINT NOT NULL
);
CREATE INDEX unclaimed_events ON unclaimed (events, alias);

-- Kept counts, so that a histogram of a day does not count the day: size is the seconds of a bucket. The newest events,
-- after the counter 'tally', are not in it yet.
CREATE TABLE tally (
  size        INTEGER  NOT NULL,
  bucket      BIGINT   NOT NULL, -- seconds since 1970 of its start
  kind        SMALLINT NOT NULL,
  environment TEXT     NOT NULL,
  actor_type  TEXT     NOT NULL,
  source      TEXT     NOT NULL,
  events      BIGINT   NOT NULL,
  PRIMARY KEY (size, bucket, kind, environment, actor_type, source)
) {{clustered}};

-- Where the sources that look at the world left off.
CREATE TABLE source (
  name       TEXT   PRIMARY KEY,
  cursor     TEXT   NOT NULL,
  looked_at  BIGINT NOT NULL,
  fault      TEXT   NOT NULL -- why the last look failed; empty when it did not
);
