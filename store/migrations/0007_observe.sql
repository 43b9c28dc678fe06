-- What is seen of the world. An observer is a source that sends what it sees, in sessions; a newer session ends the one
-- before it.

CREATE TABLE observer (
  source        TEXT   PRIMARY KEY,
  type          TEXT   NOT NULL, -- the integration
  agent         TEXT   NOT NULL, -- the process that opened the session
  session       BIGINT NOT NULL,
  batch         BIGINT NOT NULL, -- the last that was worked in
  scope         TEXT   NOT NULL, -- JSON
  collections   TEXT   NOT NULL, -- JSON: what is looked at
  baseline      TEXT   NOT NULL, -- JSON: the collections that were seen as a whole once
  complete      TEXT   NOT NULL, -- JSON: those that were in this session
  opened_at     BIGINT NOT NULL,
  heard_at      BIGINT NOT NULL,
  current_at    BIGINT NOT NULL, -- when it last had nothing more to send
  away_from     BIGINT NOT NULL, -- current_at of the session before; 0: there was none
  lag           BIGINT NOT NULL, -- microseconds between the last look and its commit
  events        BIGINT NOT NULL, -- that were recorded or updated
  last_event_at BIGINT NOT NULL,
  refused       TEXT   NOT NULL, -- why something of it was last refused; empty once all is well
  refused_at    BIGINT NOT NULL,
  report        TEXT   NOT NULL, -- JSON
  mark          BYTEA  NOT NULL  -- the key of its fingerprints, where the installation has no key for secrets
);

-- The last look at each object, apart from its state: to be seen again costs no more than a short row.
CREATE TABLE observation (
  source     TEXT   NOT NULL,
  object     TEXT   NOT NULL,
  collection TEXT   NOT NULL,
  entity     BIGINT NOT NULL, -- 0: it belongs to nothing
  session    BIGINT NOT NULL, -- that last saw it
  seen_at    BIGINT NOT NULL,
  gone_at    BIGINT NOT NULL, -- 0: it is there
  PRIMARY KEY (source, object)
) {{clustered}};
CREATE INDEX observation_entity ON observation (entity, source, object) WHERE entity <> 0;

CREATE TABLE observation_state (
  source TEXT NOT NULL,
  object TEXT NOT NULL,
  state  TEXT NOT NULL, -- JSON, without secrets; empty when it is gone
  memory TEXT NOT NULL, -- JSON: what the interpreter keeps in mind; empty for nothing
  PRIMARY KEY (source, object)
) {{clustered}};

INSERT INTO counter (name, value) VALUES ('observe', 0);
