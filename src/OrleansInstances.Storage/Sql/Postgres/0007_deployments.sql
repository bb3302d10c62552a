-- What an instance is part of, when it was there, and whether its checks fail: for filters. Those who were there before
-- say nothing of the former; the rest is taken out of the snapshot.
ALTER TABLE instances
    ADD COLUMN app_id text,
    ADD COLUMN service_id text,
    ADD COLUMN deployment_id text,
    ADD COLUMN regional_deployment_id text,
    ADD COLUMN allocation_id text,
    ADD COLUMN replica_index integer NOT NULL DEFAULT 0,
    ADD COLUMN unhealthy boolean NOT NULL DEFAULT false,
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT 'epoch',
    -- From its first start, or else its creation, to when it came to rest; null while it has not.
    ADD COLUMN period_from timestamptz NOT NULL DEFAULT 'epoch',
    ADD COLUMN period_to timestamptz;

-- PostgreSQL decodes all texts of what it takes a value from, and refuses \u0000.
UPDATE instances SET
    unhealthy = coalesce(old.json ->> 'health', '0') = '2',
    created_at = (old.json ->> 'created_at')::timestamptz,
    period_from = coalesce(old.json ->> 'started_at', old.json ->> 'created_at')::timestamptz,
    period_to = CASE WHEN status IN (7, 8) THEN (old.json ->> 'ended_at')::timestamptz END
FROM (SELECT number, replace(convert_from(snapshot, 'UTF8'), '\u0000', '\ufffd')::json AS json FROM instances) AS old
WHERE old.number = instances.number;

-- Pages are by creation. Replicas have no index: most are the first, and it would be taken for a better one than those of services.
CREATE INDEX instances_by_creation ON instances (created_at, id);
CREATE INDEX instances_by_app ON instances (app_id, created_at, id) WHERE app_id IS NOT NULL;
CREATE INDEX instances_by_service ON instances (service_id, created_at, id) WHERE service_id IS NOT NULL;
CREATE INDEX instances_by_deployment ON instances (deployment_id, created_at, id) WHERE deployment_id IS NOT NULL;
CREATE INDEX instances_by_regional_deployment ON instances (regional_deployment_id, created_at, id) WHERE regional_deployment_id IS NOT NULL;
CREATE INDEX instances_by_allocation ON instances (allocation_id) WHERE allocation_id IS NOT NULL;
