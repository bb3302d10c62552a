-- Whose instance it was, which is asked for when the instance is gone. It was in the first event alone so far.
ALTER TABLE instance_events ADD COLUMN owner text NOT NULL DEFAULT '';

-- PostgreSQL decodes all texts of what it takes a value from, and refuses \u0000.
UPDATE instance_events SET owner = coalesce(replace(convert_from(first.metadata, 'UTF8'), '\u0000', '\ufffd')::json ->> 'owner', '')
FROM instance_events AS first
WHERE first.instance_id = instance_events.instance_id AND first.sequence = 1;

CREATE INDEX instance_events_by_time ON instance_events (at, instance_id, sequence);
CREATE INDEX instance_events_by_type ON instance_events (type, at, instance_id, sequence);
CREATE INDEX instance_events_by_owner ON instance_events (owner, at, instance_id, sequence);
