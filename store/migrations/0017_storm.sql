-- When the chain of like events began that a storm is a piece of: the pieces are cut from there, whatever the order in which
-- events come.
ALTER TABLE storm ADD COLUMN chain_at BIGINT NOT NULL DEFAULT 0;
UPDATE storm SET chain_at = first_at;
