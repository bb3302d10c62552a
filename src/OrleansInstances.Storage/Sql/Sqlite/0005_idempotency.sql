CREATE TABLE idempotency_keys (
    -- Of the API key.
    key_id       BLOB NOT NULL,
    -- SHA-256 of method, path and the sender's name for the request.
    request      BLOB NOT NULL,
    body_hash    BLOB NOT NULL,
    reservation  BLOB NOT NULL,
    reserved_at  INTEGER NOT NULL,
    -- Of the answer; null while there is none.
    status       INTEGER,
    content_type TEXT,
    location     TEXT,
    body         BLOB,
    PRIMARY KEY (key_id, request)
) STRICT;

CREATE INDEX idempotency_keys_by_time ON idempotency_keys (reserved_at);
