-- How far a source's look into the past has come, as JSON; empty for one that does not look back.
ALTER TABLE source ADD COLUMN backfill TEXT NOT NULL DEFAULT '';
