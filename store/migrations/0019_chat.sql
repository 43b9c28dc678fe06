-- Up to which entry of all incidents it was looked who wants to hear of them; below zero for not yet.
INSERT INTO counter (name, value) VALUES ('notify_incident', -1);
