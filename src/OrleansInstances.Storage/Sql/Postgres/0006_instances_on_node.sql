-- Of the instances that are not stopped, failed or deleted.
CREATE INDEX instances_on_node ON instances (node, id) WHERE status NOT IN (7, 8, 10);
