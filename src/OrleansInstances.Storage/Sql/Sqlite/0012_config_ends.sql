-- What is over for long goes: a config that failed or expired, and one whose instance is gone.
ALTER TABLE launch_configs ADD COLUMN ended_at INTEGER;
UPDATE launch_configs SET ended_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
WHERE due_at IS NULL AND config_id NOT IN (SELECT config_id FROM chute_instances WHERE config_id IS NOT NULL);
CREATE INDEX launch_configs_by_end ON launch_configs (ended_at) WHERE ended_at IS NOT NULL;

CREATE TRIGGER chute_instance_ends_its_config AFTER DELETE ON chute_instances WHEN OLD.config_id IS NOT NULL BEGIN
    UPDATE launch_configs SET ended_at = coalesce(OLD.ended_at, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE config_id = OLD.config_id;
END;
