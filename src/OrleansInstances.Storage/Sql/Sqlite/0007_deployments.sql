-- What an instance is part of, when it was there, and whether its checks fail: for filters. Those who were there before
-- say nothing of the former; the rest is taken out of the snapshot.
ALTER TABLE instances ADD COLUMN app_id TEXT;
ALTER TABLE instances ADD COLUMN service_id TEXT;
ALTER TABLE instances ADD COLUMN deployment_id TEXT;
ALTER TABLE instances ADD COLUMN regional_deployment_id TEXT;
ALTER TABLE instances ADD COLUMN allocation_id TEXT;
ALTER TABLE instances ADD COLUMN replica_index INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN unhealthy INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
-- From its first start, or else its creation, to when it came to rest; null while it has not.
ALTER TABLE instances ADD COLUMN period_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN period_to INTEGER;

UPDATE instances SET
    unhealthy = coalesce(json_extract(CAST(snapshot AS TEXT), '$.health'), 0) = 2,
    created_at = CAST(unixepoch(json_extract(CAST(snapshot AS TEXT), '$.created_at'), 'subsec') * 1000 AS INTEGER),
    period_from = CAST(unixepoch(coalesce(
        json_extract(CAST(snapshot AS TEXT), '$.started_at'), json_extract(CAST(snapshot AS TEXT), '$.created_at')), 'subsec') * 1000 AS INTEGER),
    period_to = CASE WHEN status IN (7, 8) THEN
        CAST(unixepoch(json_extract(CAST(snapshot AS TEXT), '$.ended_at'), 'subsec') * 1000 AS INTEGER) END;

-- Pages are by creation. Replicas have no index: most are the first, and it would be taken for a better one than those of services.
CREATE INDEX instances_by_creation ON instances (created_at, id);
CREATE INDEX instances_by_app ON instances (app_id, created_at, id) WHERE app_id IS NOT NULL;
CREATE INDEX instances_by_service ON instances (service_id, created_at, id) WHERE service_id IS NOT NULL;
CREATE INDEX instances_by_deployment ON instances (deployment_id, created_at, id) WHERE deployment_id IS NOT NULL;
CREATE INDEX instances_by_regional_deployment ON instances (regional_deployment_id, created_at, id) WHERE regional_deployment_id IS NOT NULL;
CREATE INDEX instances_by_allocation ON instances (allocation_id) WHERE allocation_id IS NOT NULL;
