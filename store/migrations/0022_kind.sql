-- Which kind an event is of stands beside each of its subjects as well: whoever looks for some kinds need not read the others to
-- tell. 0 is not known; a job fills in what is there already.
ALTER TABLE event_subject ADD COLUMN kind SMALLINT NOT NULL DEFAULT 0;
INSERT INTO job (kind, key, payload, place, state, done, total, attempts, fault, asked_by, created_at, changed_at, due_at, holder, held_until)
  SELECT 'kinds', 'log', '', '', 1, 0, 0, 0, '', 'system:tidings', {{now}}, {{now}}, {{now}}, '', 0 WHERE EXISTS (SELECT 1 FROM event_subject);
