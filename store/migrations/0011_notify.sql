-- What is heard in chats and has to be answered, what is said there and to whom, and who wants to hear of what.

CREATE TABLE heard (
  source       TEXT     NOT NULL,
  digest       BYTEA    NOT NULL, -- of its key: what is told again is the same
  at           BIGINT   NOT NULL,
  state        SMALLINT NOT NULL, -- 1 waiting, 2 done, 3 dead
  attempts     BIGINT   NOT NULL,
  due_at       BIGINT   NOT NULL,
  leased_until BIGINT   NOT NULL,
  problem      TEXT     NOT NULL,
  doc          TEXT     NOT NULL, -- JSON; empty once it is done
  PRIMARY KEY (source, digest)
) {{clustered}};
CREATE INDEX heard_due ON heard (state, due_at);

-- A post is a promise to say something: what it says is made when it is sent, and again when more may be known.
CREATE TABLE post (
  id           BYTEA    NOT NULL PRIMARY KEY,
  source       TEXT     NOT NULL, -- the configured chat
  digest       BYTEA    NOT NULL, -- of its key: one promise, however often it is made
  state        SMALLINT NOT NULL, -- 1 waiting, 2 sent, 3 dead
  created_at   BIGINT   NOT NULL,
  due_at       BIGINT   NOT NULL,
  leased_until BIGINT   NOT NULL,
  attempts     BIGINT   NOT NULL, -- since it was last sent
  asked        BIGINT   NOT NULL, -- how often it was promised: what was promised meanwhile is not forgotten
  sends        BIGINT   NOT NULL,
  sent_at      BIGINT   NOT NULL, -- zero for never
  remote       TEXT     NOT NULL, -- the chat's own id of it
  shown        BYTEA    NOT NULL, -- a digest of what it said last
  problem      TEXT     NOT NULL,
  doc          TEXT     NOT NULL, -- JSON: where, and what about
  UNIQUE (source, digest)
);
CREATE INDEX post_due ON post (due_at);
CREATE INDEX post_newest ON post (state, created_at, id);

CREATE TABLE follow (
  number     BIGINT NOT NULL PRIMARY KEY,
  changed_at BIGINT NOT NULL,
  doc        TEXT   NOT NULL -- JSON
) {{clustered}};
-- Up to where of the log it was looked who wants to hear of it; below zero for not yet.
INSERT INTO counter (name, value) VALUES ('notify', -1), ('follow', 0);
