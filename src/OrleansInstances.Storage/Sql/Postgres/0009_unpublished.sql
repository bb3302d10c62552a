-- The states that the catalog lags behind, from the write of a state to its publishing: what a sweeper looks at, in place of
-- all states. A row with no state any more is of no harm, and goes with the next publishing or clearing of its instance.
CREATE TABLE unpublished (
    instance_id uuid PRIMARY KEY,
    -- Of the last state that was written.
    version     bigint NOT NULL
);

INSERT INTO unpublished (instance_id, version)
SELECT instance_id, snapshot_version FROM grain_state
WHERE instance_id IS NOT NULL AND NOT EXISTS (SELECT FROM instances WHERE id = instance_id AND instances.version >= snapshot_version);

-- As before, and the state is marked.
UPDATE OrleansQuery SET QueryText = $query$
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
    RETURNING version, instance_id, snapshot_version
), updated AS (
    UPDATE grain_state
    SET version = nextval('grain_state_versions'), instance_id = written.instance_id,
        snapshot_version = written.snapshot_version, payload = @PayloadBinary
    FROM written
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1
        AND (extension = @GrainIdExtensionString OR (extension IS NULL AND @GrainIdExtensionString IS NULL))
        AND version = @GrainStateVersion
    RETURNING version, grain_state.instance_id, grain_state.snapshot_version
), stored AS (
    SELECT * FROM inserted UNION ALL SELECT * FROM updated
), marked AS (
    INSERT INTO unpublished (instance_id, version)
    SELECT instance_id, snapshot_version FROM stored WHERE instance_id IS NOT NULL
    ON CONFLICT (instance_id) DO UPDATE SET version = excluded.version
)
SELECT version AS NewGrainStateVersion FROM stored
$query$ WHERE QueryKey = 'WriteToStorageKey';

-- As before, and so is the mark.
UPDATE OrleansQuery SET QueryText = $query$
WITH cleared AS (
    DELETE FROM grain_state
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1
        AND (extension = @GrainIdExtensionString OR (extension IS NULL AND @GrainIdExtensionString IS NULL))
        AND version = @GrainStateVersion
    RETURNING instance_id
), unmarked AS (
    DELETE FROM unpublished USING cleared WHERE unpublished.instance_id = cleared.instance_id
)
SELECT 0 FROM cleared
$query$ WHERE QueryKey IN ('ClearStorageKey', 'DeleteStorageKey');
