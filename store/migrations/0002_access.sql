-- Who may come in. Of secrets only a SHA-256 is kept.

CREATE TABLE account (
  id          TEXT     PRIMARY KEY,
  name        TEXT     NOT NULL UNIQUE, -- folded
  issuer      TEXT     NOT NULL,
  subject     TEXT     NOT NULL,
  external    TEXT     NOT NULL,
  email       TEXT     NOT NULL,
  role        SMALLINT NOT NULL,
  disabled    SMALLINT NOT NULL,
  search      TEXT     NOT NULL, -- name, title and e-mail address, folded
  seen_at     BIGINT   NOT NULL, -- 0: never
  rev         BIGINT   NOT NULL,
  doc         TEXT     NOT NULL -- the account as JSON
);
CREATE UNIQUE INDEX account_subject ON account (issuer, subject) WHERE subject <> '';
CREATE INDEX account_external ON account (external) WHERE external <> '';
CREATE INDEX account_email ON account (email) WHERE email <> '';
CREATE INDEX account_role ON account (role, disabled);

CREATE TABLE session (
  id         TEXT   PRIMARY KEY,
  account    TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  renewed_at BIGINT NOT NULL, -- 0: at the next request
  address    TEXT   NOT NULL,
  user_agent TEXT   NOT NULL
);
CREATE INDEX session_account ON session (account, created_at);

CREATE TABLE session_secret (
  digest    BYTEA    PRIMARY KEY,
  session   TEXT     NOT NULL,
  confirmed SMALLINT NOT NULL, -- it was shown
  until     BIGINT   NOT NULL -- 0: it was not replaced
);
CREATE INDEX session_secret_session ON session_secret (session);

CREATE TABLE token (
  id         TEXT   PRIMARY KEY,
  digest     BYTEA  NOT NULL UNIQUE,
  account    TEXT   NOT NULL, -- empty for a service account
  used_at    BIGINT NOT NULL, -- 0: never
  address    TEXT   NOT NULL,
  revoked_at BIGINT NOT NULL, -- 0: it is not
  doc        TEXT   NOT NULL
);
CREATE INDEX token_account ON token (account, id);

CREATE TABLE link (
  digest     BYTEA    PRIMARY KEY,
  id         TEXT     NOT NULL UNIQUE,
  account    TEXT     NOT NULL,
  role       SMALLINT NOT NULL,
  first      SMALLINT NOT NULL,
  created_by TEXT     NOT NULL,
  created_at BIGINT   NOT NULL,
  expires_at BIGINT   NOT NULL,
  used_at    BIGINT   NOT NULL -- 0: not yet
);

-- Groups that a system provisions. Those that an identity provider tells of stand in the account.
CREATE TABLE people_group (
  id         TEXT   PRIMARY KEY,
  name       TEXT   NOT NULL UNIQUE, -- folded
  title      TEXT   NOT NULL, -- as it was written
  external   TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  rev        BIGINT NOT NULL
);
CREATE TABLE people_group_member (
  people_group TEXT NOT NULL,
  account      TEXT NOT NULL,
  PRIMARY KEY (people_group, account)
) {{clustered}};
CREATE INDEX people_group_member_account ON people_group_member (account);
