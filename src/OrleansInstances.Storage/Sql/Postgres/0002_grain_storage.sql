-- The statements of Orleans' AdoNet grain storage 10.4.2, which gives the names of their parameters and reads of their
-- answers: a write's NewGrainStateVersion, a clear's first column, and no row where another state is stored than the
-- caller's, of which it makes an InconsistentStateException. It also gives hashes of the keys; ours need none.

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('ReadFromStorageKey', $query$
SELECT payload AS PayloadBinary, version AS Version
FROM grain_state
WHERE service_id = @ServiceId AND state_name = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1
    AND (extension = @GrainIdExtensionString OR (extension IS NULL AND @GrainIdExtensionString IS NULL))
$query$),

-- Of the instances' states the catalog's key and version are taken out of the payload. To find them PostgreSQL decodes all
-- texts in it, and refuses \u0000; so it looks at a copy without.
('WriteToStorageKey', $query$
WITH snapshot AS MATERIALIZED (
    SELECT CASE WHEN @GrainTypeString = 'instance/instance' THEN
        replace(convert_from(@PayloadBinary, 'UTF8'), '\u0000', '\ufffd')::json -> 'snapshot' END AS json
), written AS (
    SELECT trim('"' FROM (json -> 'id')::text)::uuid AS instance_id, (json -> 'version')::text::bigint AS snapshot_version
    FROM snapshot
), inserted AS (
    INSERT INTO grain_state (service_id, state_name, n0, n1, extension, version, instance_id, snapshot_version, payload)
    SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, @GrainIdExtensionString,
        nextval('grain_state_versions'), instance_id, snapshot_version, @PayloadBinary
    FROM written
    WHERE @GrainStateVersion IS NULL
    ON CONFLICT (service_id, state_name, n0, n1, extension) DO NOTHING
    RETURNING version
), updated AS (
    UPDATE grain_state
    SET version = nextval('grain_state_versions'), instance_id = written.instance_id,
        snapshot_version = written.snapshot_version, payload = @PayloadBinary
    FROM written
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1
        AND (extension = @GrainIdExtensionString OR (extension IS NULL AND @GrainIdExtensionString IS NULL))
        AND version = @GrainStateVersion
    RETURNING version
)
SELECT version AS NewGrainStateVersion FROM inserted
UNION ALL
SELECT version FROM updated
$query$);

-- A state that is cleared is removed, and the catalog's row with it. 0 is no version: they begin at 1.
INSERT INTO OrleansQuery (QueryKey, QueryText)
SELECT key, $query$
DELETE FROM grain_state
WHERE service_id = @ServiceId AND state_name = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1
    AND (extension = @GrainIdExtensionString OR (extension IS NULL AND @GrainIdExtensionString IS NULL))
    AND version = @GrainStateVersion
RETURNING 0
$query$
FROM (VALUES ('ClearStorageKey'), ('DeleteStorageKey')) AS keys (key);
