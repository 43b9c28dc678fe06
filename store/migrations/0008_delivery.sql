-- What tools sent, for a bounded time: to be read again when it could not be decoded, and for whoever looks for a fault.

CREATE TABLE delivery (
  source      TEXT     NOT NULL,
  digest      BYTEA    NOT NULL, -- of the tool's own id, or of the body: a delivery that is sent again is the same
  key         TEXT     NOT NULL, -- the tool's own id; empty where it has none
  received_at BIGINT   NOT NULL,
  last_at     BIGINT   NOT NULL,
  times       BIGINT   NOT NULL,
  outcome     SMALLINT NOT NULL, -- 1 taken, 2 ignored, 3 failed, 4 refused
  reason      TEXT     NOT NULL,
  events      BIGINT   NOT NULL,
  bytes       BIGINT   NOT NULL, -- of the body as it came
  header      TEXT     NOT NULL, -- JSON, only what is read
  query       TEXT     NOT NULL,
  body        BYTEA    NOT NULL, -- without its secrets, deflated; empty where it is not kept
  PRIMARY KEY (source, digest)
) {{clustered}};
CREATE INDEX delivery_newest ON delivery (source, last_at, digest);
CREATE INDEX delivery_age ON delivery (last_at);
