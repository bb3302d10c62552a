-- A JSON object; a key touches only instances that have all of these labels.
ALTER TABLE api_keys ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
ALTER TABLE api_keys ADD COLUMN user_id INTEGER;

CREATE INDEX api_keys_by_user ON api_keys (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE users (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    name             TEXT NOT NULL UNIQUE,
    password_hash    TEXT NOT NULL,
    is_administrator INTEGER NOT NULL,
    created_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE user_permissions (
    user_id     INTEGER NOT NULL,
    instance_id BLOB NOT NULL,
    permissions INTEGER NOT NULL,
    PRIMARY KEY (user_id, instance_id)
) STRICT, WITHOUT ROWID;
