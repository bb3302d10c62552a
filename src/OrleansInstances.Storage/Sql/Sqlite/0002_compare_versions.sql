-- The sweeper compares it with grain_state_by_instance, without touching the rows.
CREATE INDEX instances_by_version ON instances (id, version);
