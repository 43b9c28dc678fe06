-- What can be set while servers run. Secrets lie apart, each sealed by a data key; a data key is wrapped by a key that
-- is not in the database.

CREATE TABLE data_key (
  id         BIGINT PRIMARY KEY,
  purpose    TEXT   NOT NULL, -- seal, fingerprint
  wrapped    BYTEA  NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE setting (
  name       TEXT   PRIMARY KEY,
  value      TEXT   NOT NULL, -- JSON, without secrets
  revision   BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  changed_by TEXT   NOT NULL  -- the principal
);

CREATE TABLE setting_secret (
  setting     TEXT   NOT NULL,
  field       TEXT   NOT NULL,
  data_key    BIGINT NOT NULL,
  sealed      BYTEA  NOT NULL,
  fingerprint TEXT   NOT NULL, -- keyed
  changed_at  BIGINT NOT NULL,
  PRIMARY KEY (setting, field)
) {{clustered}};

INSERT INTO counter (name, value) VALUES ('setting', 0);
