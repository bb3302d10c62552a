-- The statements of Orleans' AdoNet clustering 10.4.2, which gives the names of their parameters and of the columns it reads.
-- A deployment is a cluster's id. Changes of members are ordered by the version of its table: whoever holds that row, and
-- finds in it the version it knows, changes one member and takes the version on by one.

CREATE TABLE cluster_versions (
    cluster_id text PRIMARY KEY,
    version    integer NOT NULL
);

CREATE TABLE cluster_members (
    cluster_id    text NOT NULL REFERENCES cluster_versions (cluster_id) ON DELETE CASCADE,
    address       text NOT NULL,
    port          integer NOT NULL,
    generation    integer NOT NULL,
    silo_name     text NOT NULL,
    host_name     text NOT NULL,
    -- Orleans' SiloStatus; 3 is active.
    status        integer NOT NULL,
    -- 0 where it is no gateway of clients.
    proxy_port    integer NOT NULL,
    suspect_times text,
    started_at    timestamptz NOT NULL,
    alive_at      timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
) WITH (fillfactor = 70);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
-- Each of the next three answers one truth value: whether it was done.
('InsertMembershipVersionKey', $query$
WITH inserted AS (
    INSERT INTO cluster_versions (cluster_id, version) VALUES (@DeploymentId, 0) ON CONFLICT DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT FROM inserted)
$query$),

('InsertMembershipKey', $query$
WITH advanced AS (
    UPDATE cluster_versions SET version = version + 1
    WHERE cluster_id = @DeploymentId AND version = @Version AND NOT EXISTS (
        SELECT FROM cluster_members
        WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
    RETURNING cluster_id
), inserted AS (
    INSERT INTO cluster_members
        (cluster_id, address, port, generation, silo_name, host_name, status, proxy_port, started_at, alive_at)
    SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
    FROM advanced
    RETURNING 1
)
SELECT EXISTS (SELECT FROM inserted)
$query$),

('UpdateMembershipKey', $query$
WITH advanced AS (
    UPDATE cluster_versions SET version = version + 1
    WHERE cluster_id = @DeploymentId AND version = @Version AND EXISTS (
        SELECT FROM cluster_members
        WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
    RETURNING cluster_id
), updated AS (
    UPDATE cluster_members AS member SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
    FROM advanced
    WHERE member.cluster_id = advanced.cluster_id AND address = @Address AND port = @Port AND generation = @Generation
    RETURNING 1
)
SELECT EXISTS (SELECT FROM updated)
$query$),

-- No change of what members agree on: the version stays.
('UpdateIAmAlivetimeKey', $query$
UPDATE cluster_members SET alive_at = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$),

('CleanupDefunctSiloEntriesKey', $query$
DELETE FROM cluster_members WHERE cluster_id = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3
$query$),

('DeleteMembershipTableEntriesKey', $query$
DELETE FROM cluster_versions WHERE cluster_id = @DeploymentId
$query$),

('GatewaysQueryKey', $query$
SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation
FROM cluster_members WHERE cluster_id = @DeploymentId AND status = @Status AND proxy_port > 0
$query$);

-- The version, beside each member or alone; without a start time there is no member in a row.
INSERT INTO OrleansQuery (QueryKey, QueryText)
SELECT key, format($query$
SELECT version AS Version, address AS Address, port AS Port, generation AS Generation, silo_name AS SiloName,
    host_name AS HostName, status AS Status, proxy_port AS ProxyPort, suspect_times AS SuspectTimes,
    started_at AS StartTime, alive_at AS IAmAliveTime
FROM cluster_versions AS cluster LEFT JOIN cluster_members AS member ON member.cluster_id = cluster.cluster_id%s
WHERE cluster.cluster_id = @DeploymentId
$query$, condition)
FROM (VALUES
    ('MembershipReadAllKey', ''),
    ('MembershipReadRowKey', ' AND address = @Address AND port = @Port AND generation = @Generation')) AS keys (key, condition);
