-- The inventory. What is decided by is in columns, all of it in data.
CREATE TABLE chute_miners (
    hotkey TEXT PRIMARY KEY,
    data   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE chutes (
    chute_id TEXT PRIMARY KEY,
    data     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE chute_gpus (
    uuid TEXT PRIMARY KEY,
    data BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE chute_jobs (
    job_id           TEXT PRIMARY KEY,
    chute_id         TEXT NOT NULL,
    data             BLOB NOT NULL,
    -- What became of it: a JSON array of hotkeys, then the config that won, and how it went.
    racers           BLOB NOT NULL DEFAULT (CAST('[]' AS BLOB)),
    config_id        BLOB,
    instance_id      BLOB,
    miner_hotkey     TEXT,
    status           INTEGER NOT NULL DEFAULT 0,
    error            TEXT,
    miner_terminated INTEGER NOT NULL DEFAULT 0,
    started_at       INTEGER,
    finished_at      INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX chute_jobs_by_instance ON chute_jobs (instance_id) WHERE instance_id IS NOT NULL;

CREATE TABLE launch_configs (
    config_id BLOB PRIMARY KEY,
    version   INTEGER NOT NULL,
    -- When it is ended unless it goes on before.
    due_at    INTEGER,
    data      BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX launch_configs_by_due ON launch_configs (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE chute_instances (
    instance_id   BLOB PRIMARY KEY,
    chute_id      TEXT NOT NULL,
    config_id     BLOB UNIQUE,
    -- In lower case.
    host          TEXT NOT NULL,
    port          INTEGER NOT NULL,
    miner_hotkey  TEXT NOT NULL,
    miner_uid     INTEGER NOT NULL,
    version       TEXT NOT NULL,
    serves        INTEGER NOT NULL,
    -- What happened to it, and what of that has reached the instance of the same id.
    stages        INTEGER NOT NULL,
    noted         INTEGER NOT NULL DEFAULT 0,
    expires_at    INTEGER,
    created_at    INTEGER NOT NULL,
    verified_at   INTEGER,
    activated_at  INTEGER,
    -- Told just before it is removed.
    end_type      TEXT,
    end_reason    TEXT,
    ended_at      INTEGER,
    symmetric_key TEXT,
    data          BLOB NOT NULL,
    UNIQUE (host, port)
) STRICT, WITHOUT ROWID;

CREATE INDEX chute_instances_by_chute ON chute_instances (chute_id);
CREATE INDEX chute_instances_by_miner ON chute_instances (miner_hotkey);
CREATE INDEX chute_instances_to_note ON chute_instances (instance_id) WHERE noted <> stages;
CREATE INDEX chute_instances_by_expiry ON chute_instances (expires_at) WHERE expires_at IS NOT NULL;

-- A GPU is in one instance at most.
CREATE TABLE chute_instance_gpus (
    gpu_uuid    TEXT PRIMARY KEY,
    instance_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX chute_instance_gpus_by_instance ON chute_instance_gpus (instance_id);

-- Those that were removed while the instance of the same id has not been told.
CREATE TABLE chute_endings (
    instance_id BLOB PRIMARY KEY,
    type        TEXT NOT NULL,
    reason      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    data        BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE chute_audit (
    instance_id     BLOB PRIMARY KEY,
    chute_id        TEXT NOT NULL,
    version         TEXT NOT NULL,
    miner_uid       INTEGER NOT NULL,
    miner_hotkey    TEXT NOT NULL,
    region          TEXT NOT NULL DEFAULT 'n/a',
    created_at      INTEGER NOT NULL,
    verified_at     INTEGER,
    activated_at    INTEGER,
    deleted_at      INTEGER,
    deletion_reason TEXT
) STRICT, WITHOUT ROWID;

CREATE TRIGGER chute_instance_begins AFTER INSERT ON chute_instances BEGIN
    INSERT INTO chute_audit (instance_id, chute_id, version, miner_uid, miner_hotkey, created_at)
    VALUES (NEW.instance_id, NEW.chute_id, NEW.version, NEW.miner_uid, NEW.miner_hotkey, NEW.created_at);
END;

CREATE TRIGGER chute_instance_goes_on AFTER UPDATE OF verified_at, activated_at ON chute_instances BEGIN
    UPDATE chute_audit SET verified_at = NEW.verified_at, activated_at = NEW.activated_at WHERE instance_id = NEW.instance_id;
END;

-- A job that is not over is free for others again.
CREATE TRIGGER chute_instance_ends AFTER DELETE ON chute_instances BEGIN
    DELETE FROM chute_instance_gpus WHERE instance_id = OLD.instance_id;
    UPDATE chute_jobs SET config_id = NULL, instance_id = NULL, miner_hotkey = NULL, status = 0, started_at = NULL
    WHERE instance_id = OLD.instance_id AND finished_at IS NULL;
    UPDATE chute_audit SET deleted_at = coalesce(OLD.ended_at, CAST(unixepoch('subsec') * 1000 AS INTEGER)), deletion_reason = coalesce(OLD.end_reason, 'deleted')
    WHERE instance_id = OLD.instance_id;
    INSERT OR REPLACE INTO chute_endings (instance_id, type, reason, at, data)
    VALUES (
        OLD.instance_id, coalesce(OLD.end_type, 'deleted'), coalesce(OLD.end_reason, 'deleted'),
        coalesce(OLD.ended_at, CAST(unixepoch('subsec') * 1000 AS INTEGER)), OLD.data);
END;

-- Whoever deletes the instance of the same id: what it held is free in the same transaction. 10 is deleted.
CREATE TRIGGER remote_instance_is_deleted AFTER UPDATE OF status ON instances WHEN NEW.status = 10 AND NEW.driver = 'remote' BEGIN
    DELETE FROM chute_instances WHERE instance_id = NEW.id;
END;

CREATE TRIGGER remote_instance_is_gone AFTER DELETE ON instances WHEN OLD.driver = 'remote' BEGIN
    DELETE FROM chute_instances WHERE instance_id = OLD.id;
END;
