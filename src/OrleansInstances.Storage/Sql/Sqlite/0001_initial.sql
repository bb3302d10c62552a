-- Conventions: ids are 16-byte blobs, big-endian; times are unix milliseconds; JSON is UTF-8.

CREATE TABLE grain_state (
    -- Never reused, so that an ETag (row id, revision) of a cleared state never fits a later one.
    row_id           INTEGER PRIMARY KEY AUTOINCREMENT,
    revision         INTEGER NOT NULL,
    -- Of the snapshot inside the payload; null for states that are not in the catalog.
    instance_id      BLOB,
    snapshot_version INTEGER,
    grain_type       TEXT NOT NULL,
    grain_key        TEXT NOT NULL,
    state_name       TEXT NOT NULL,
    payload          BLOB NOT NULL,
    UNIQUE (grain_type, grain_key, state_name)
) STRICT;

CREATE INDEX grain_state_by_instance ON grain_state (instance_id, snapshot_version) WHERE instance_id IS NOT NULL;

CREATE TABLE instance_numbers (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    instance_id BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE instances (
    number   INTEGER PRIMARY KEY,
    id       BLOB NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    status   INTEGER NOT NULL,
    busy     INTEGER NOT NULL,
    due_at   INTEGER,
    region   TEXT,
    node     TEXT,
    driver   TEXT NOT NULL,
    owner    TEXT NOT NULL,
    name     TEXT,
    snapshot BLOB NOT NULL
) STRICT;

-- An index ends in the row's number, so each of these also gives the order of lists.
CREATE INDEX instances_by_status ON instances (status);
CREATE INDEX instances_by_region ON instances (region) WHERE region IS NOT NULL;
CREATE INDEX instances_by_node ON instances (node) WHERE node IS NOT NULL;
CREATE INDEX instances_by_driver ON instances (driver);
CREATE INDEX instances_by_owner ON instances (owner);
CREATE INDEX instances_by_name ON instances (name) WHERE name IS NOT NULL;
CREATE INDEX instances_by_due ON instances (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX instances_busy ON instances (busy) WHERE busy = 1;

CREATE TABLE instance_labels (
    key    TEXT NOT NULL,
    value  TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (key, value, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX instance_labels_by_number ON instance_labels (number);

CREATE TABLE instance_events (
    instance_id BLOB NOT NULL,
    sequence    INTEGER NOT NULL,
    type        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    message     TEXT NOT NULL,
    metadata    TEXT NOT NULL,
    PRIMARY KEY (instance_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE nodes (
    name     TEXT PRIMARY KEY,
    node_id  BLOB NOT NULL,
    seen_at  INTEGER NOT NULL,
    snapshot BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    id         BLOB PRIMARY KEY,
    name       TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    scopes     TEXT NOT NULL,
    owner      TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
