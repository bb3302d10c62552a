-- Whose instance it was, which is asked for when the instance is gone. It was in the first event alone so far.
ALTER TABLE instance_events ADD COLUMN owner TEXT NOT NULL DEFAULT '';

UPDATE instance_events SET owner = coalesce((
    SELECT json_extract(CAST(first.metadata AS TEXT), '$.owner') FROM instance_events AS first
    WHERE first.instance_id = instance_events.instance_id AND first.sequence = 1), '');

-- An index ends in the row's key, so each of these also gives the order of pages.
CREATE INDEX instance_events_by_time ON instance_events (at);
CREATE INDEX instance_events_by_type ON instance_events (type, at);
CREATE INDEX instance_events_by_owner ON instance_events (owner, at);
