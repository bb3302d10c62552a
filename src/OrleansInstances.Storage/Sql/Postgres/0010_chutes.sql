-- The inventory. What is decided by is in columns, all of it in data.
CREATE TABLE chute_miners (
    hotkey text COLLATE "C" PRIMARY KEY,
    data   bytea NOT NULL
);

-- A question about a chute is decided while its row is held.
CREATE TABLE chutes (
    chute_id text COLLATE "C" PRIMARY KEY,
    data     bytea NOT NULL
);

CREATE TABLE chute_gpus (
    uuid text COLLATE "C" PRIMARY KEY,
    data bytea NOT NULL
);

CREATE TABLE chute_jobs (
    job_id           text COLLATE "C" PRIMARY KEY,
    chute_id         text NOT NULL,
    data             bytea NOT NULL,
    -- What became of it: hotkeys, then the config that won, and how it went.
    racers           text[] NOT NULL DEFAULT '{}',
    config_id        uuid,
    instance_id      uuid,
    miner_hotkey     text,
    status           integer NOT NULL DEFAULT 0,
    error            text,
    miner_terminated boolean NOT NULL DEFAULT false,
    started_at       timestamptz,
    finished_at      timestamptz
);

CREATE INDEX chute_jobs_by_instance ON chute_jobs (instance_id) WHERE instance_id IS NOT NULL;

CREATE TABLE launch_configs (
    config_id uuid PRIMARY KEY,
    version   bigint NOT NULL,
    -- When it is ended unless it goes on before.
    due_at    timestamptz,
    data      bytea NOT NULL
);

CREATE INDEX launch_configs_by_due ON launch_configs (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE chute_instances (
    instance_id   uuid PRIMARY KEY,
    chute_id      text COLLATE "C" NOT NULL REFERENCES chutes,
    config_id     uuid UNIQUE,
    -- In lower case.
    host          text NOT NULL,
    port          integer NOT NULL,
    miner_hotkey  text COLLATE "C" NOT NULL REFERENCES chute_miners,
    miner_uid     integer NOT NULL,
    version       text NOT NULL,
    serves        boolean NOT NULL,
    -- What happened to it, and what of that has reached the instance of the same id.
    stages        integer NOT NULL,
    noted         integer NOT NULL DEFAULT 0,
    expires_at    timestamptz,
    created_at    timestamptz NOT NULL,
    verified_at   timestamptz,
    activated_at  timestamptz,
    -- Told just before it is removed.
    end_type      text,
    end_reason    text,
    ended_at      timestamptz,
    symmetric_key text,
    data          bytea NOT NULL,
    UNIQUE (host, port)
);

CREATE INDEX chute_instances_by_chute ON chute_instances (chute_id);
CREATE INDEX chute_instances_by_miner ON chute_instances (miner_hotkey);
CREATE INDEX chute_instances_to_note ON chute_instances (instance_id) WHERE noted <> stages;
CREATE INDEX chute_instances_by_expiry ON chute_instances (expires_at) WHERE expires_at IS NOT NULL;

-- A GPU is in one instance at most.
CREATE TABLE chute_instance_gpus (
    gpu_uuid    text COLLATE "C" PRIMARY KEY REFERENCES chute_gpus,
    instance_id uuid NOT NULL REFERENCES chute_instances ON DELETE CASCADE
);

CREATE INDEX chute_instance_gpus_by_instance ON chute_instance_gpus (instance_id);

-- Those that were removed while the instance of the same id has not been told.
CREATE TABLE chute_endings (
    instance_id uuid PRIMARY KEY,
    type        text NOT NULL,
    reason      text NOT NULL,
    at          timestamptz NOT NULL,
    data        bytea NOT NULL
);

CREATE TABLE chute_audit (
    instance_id     uuid PRIMARY KEY,
    chute_id        text NOT NULL,
    version         text NOT NULL,
    miner_uid       integer NOT NULL,
    miner_hotkey    text NOT NULL,
    region          text NOT NULL DEFAULT 'n/a',
    created_at      timestamptz NOT NULL,
    verified_at     timestamptz,
    activated_at    timestamptz,
    deleted_at      timestamptz,
    deletion_reason text
);

CREATE FUNCTION chute_instance_begins() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chute_audit (instance_id, chute_id, version, miner_uid, miner_hotkey, created_at)
    VALUES (NEW.instance_id, NEW.chute_id, NEW.version, NEW.miner_uid, NEW.miner_hotkey, NEW.created_at);
    RETURN NULL;
END $$;

CREATE FUNCTION chute_instance_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE chute_audit SET verified_at = NEW.verified_at, activated_at = NEW.activated_at WHERE instance_id = NEW.instance_id;
    RETURN NULL;
END $$;

-- A job that is not over is free for others again.
CREATE FUNCTION chute_instance_ends() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE chute_jobs SET config_id = NULL, instance_id = NULL, miner_hotkey = NULL, status = 0, started_at = NULL
    WHERE instance_id = OLD.instance_id AND finished_at IS NULL;
    UPDATE chute_audit SET deleted_at = coalesce(OLD.ended_at, now()), deletion_reason = coalesce(OLD.end_reason, 'deleted')
    WHERE instance_id = OLD.instance_id;
    INSERT INTO chute_endings (instance_id, type, reason, at, data)
    VALUES (OLD.instance_id, coalesce(OLD.end_type, 'deleted'), coalesce(OLD.end_reason, 'deleted'), coalesce(OLD.ended_at, now()), OLD.data)
    ON CONFLICT (instance_id) DO NOTHING;
    RETURN NULL;
END $$;

-- Whoever deletes the instance of the same id: what it held is free in the same transaction.
CREATE FUNCTION remote_instance_is_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM chute_instances WHERE instance_id = OLD.id;
    RETURN NULL;
END $$;

CREATE TRIGGER begins AFTER INSERT ON chute_instances FOR EACH ROW EXECUTE FUNCTION chute_instance_begins();
CREATE TRIGGER goes_on AFTER UPDATE OF verified_at, activated_at ON chute_instances FOR EACH ROW EXECUTE FUNCTION chute_instance_goes_on();
CREATE TRIGGER ends AFTER DELETE ON chute_instances FOR EACH ROW EXECUTE FUNCTION chute_instance_ends();
-- 10 is deleted.
CREATE TRIGGER remote_is_deleted AFTER UPDATE OF status ON instances
    FOR EACH ROW WHEN (NEW.status = 10 AND NEW.driver = 'remote') EXECUTE FUNCTION remote_instance_is_gone();
CREATE TRIGGER remote_is_gone AFTER DELETE ON instances
    FOR EACH ROW WHEN (OLD.driver = 'remote') EXECUTE FUNCTION remote_instance_is_gone();
