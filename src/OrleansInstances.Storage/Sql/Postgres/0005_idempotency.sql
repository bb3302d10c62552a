CREATE TABLE idempotency_keys (
    -- Of the API key.
    key_id       uuid NOT NULL,
    -- SHA-256 of method, path and the sender's name for the request.
    request      bytea NOT NULL,
    body_hash    bytea NOT NULL,
    reservation  uuid NOT NULL,
    reserved_at  timestamptz NOT NULL,
    -- Of the answer; null while there is none.
    status       integer,
    content_type text,
    location     text,
    body         bytea,
    PRIMARY KEY (key_id, request)
);

CREATE INDEX idempotency_keys_by_time ON idempotency_keys (reserved_at);
