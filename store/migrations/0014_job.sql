-- What is done after the transaction that needs it, and goes on after a crash. A kind and a key name one piece of work.
CREATE TABLE job (
  kind       TEXT     NOT NULL,
  key        TEXT     NOT NULL,
  payload    TEXT     NOT NULL, -- JSON, or empty
  place      TEXT     NOT NULL, -- where it goes on, in the words of its kind
  state      SMALLINT NOT NULL, -- 1 waiting, 2 done, 3 dead
  done       BIGINT   NOT NULL,
  total      BIGINT   NOT NULL, -- 0 where nobody knows
  attempts   INTEGER  NOT NULL, -- since it last came on
  fault      TEXT     NOT NULL, -- why it last failed; empty when it did not
  asked_by   TEXT     NOT NULL, -- the principal
  created_at BIGINT   NOT NULL,
  changed_at BIGINT   NOT NULL,
  due_at     BIGINT   NOT NULL,
  holder     TEXT     NOT NULL, -- the server that works on it
  held_until BIGINT   NOT NULL,
  PRIMARY KEY (kind, key)
);
CREATE INDEX job_due ON job (due_at) WHERE state = 1;
CREATE INDEX job_newest ON job (changed_at);
