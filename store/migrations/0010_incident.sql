-- Incidents: what each is, as its entries leave it, and the entries, which are only ever added.
CREATE TABLE incident (
  number      {{number}} PRIMARY KEY,
  status      TEXT     NOT NULL,
  severity    SMALLINT NOT NULL,
  environment TEXT     NOT NULL,
  merged_into BIGINT   NOT NULL, -- zero: it is one of its own
  opened_at   BIGINT   NOT NULL,
  active_at   BIGINT   NOT NULL, -- its signals last began or ended
  doc         TEXT     NOT NULL  -- JSON
);
CREATE INDEX incident_opened ON incident (opened_at, number);
CREATE INDEX incident_active ON incident (active_at, number);
CREATE INDEX incident_live ON incident (active_at, number) WHERE status <> 'resolved';

CREATE TABLE incident_subject (
  entity BIGINT NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (entity, number)
) {{clustered}};
CREATE INDEX incident_subject_number ON incident_subject (number);

-- By what an incident is found: its signals, tickets, names of alerts, what stands in its timeline already.
CREATE TABLE incident_key (
  key    BYTEA  PRIMARY KEY,
  number BIGINT NOT NULL
) {{clustered}};

CREATE TABLE incident_entry (
  n        {{number}} PRIMARY KEY, -- in the order of commit, without gaps
  number   BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  doc      TEXT   NOT NULL, -- JSON
  UNIQUE (number, sequence)
);

-- The latest word of a person on a change in an incident.
CREATE TABLE incident_verdict (
  number BIGINT NOT NULL,
  event  BYTEA  NOT NULL,
  at     BIGINT NOT NULL,
  doc    TEXT   NOT NULL, -- JSON
  PRIMARY KEY (number, event)
) {{clustered}};
CREATE INDEX incident_verdict_at ON incident_verdict (at);

-- The ranking of a resolved incident as it was, as JSON.
CREATE TABLE incident_ranking (
  number BIGINT PRIMARY KEY,
  at     BIGINT NOT NULL, -- when it was resolved: if that changes, the ranking is made anew
  doc    TEXT   NOT NULL
);

-- 'incident' is the newest number, 'incident_entry' the newest entry, 'incident_log' up to where the log was followed.
INSERT INTO counter (name, value) VALUES ('incident', 0), ('incident_entry', 0), ('incident_log', 0);
