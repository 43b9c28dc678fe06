-- Storms are found by their threads. An index of only those that became one had their number of events in its condition, and so
-- was written with each event of a storm; of all of them it is written once each.
DROP INDEX storm_thread;
CREATE INDEX storm_thread ON storm (thread);
