-- Conventions: JSON is UTF-8 in bytea, since jsonb can't hold \u0000. Times are the server's or came with the data, never both in one comparison.

-- Where Orleans' provider reads its statements from, at the start of each silo.
CREATE TABLE OrleansQuery (
    QueryKey  text PRIMARY KEY,
    QueryText text NOT NULL
);

-- Every write takes the next value, so that the version of a cleared state never fits a later one.
CREATE SEQUENCE grain_state_versions AS integer CYCLE;

CREATE TABLE grain_state (
    service_id       text NOT NULL,
    -- <grain type>/<state name>.
    state_name       text NOT NULL,
    -- A Guid's halves, or 0 and an integer key, or 0 and 0 for a string key.
    n0               bigint NOT NULL,
    n1               bigint NOT NULL,
    -- The string key, or the extension of a compound key.
    extension        text,
    version          integer NOT NULL,
    -- Of the snapshot inside the payload; null for states that are not in the catalog.
    instance_id      uuid UNIQUE,
    snapshot_version bigint,
    payload          bytea NOT NULL,
    UNIQUE NULLS NOT DISTINCT (service_id, state_name, n0, n1, extension)
) WITH (fillfactor = 70);

CREATE TABLE instance_numbers (
    number      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id uuid NOT NULL UNIQUE
);

-- The reference keeps a row from outliving its state, whichever of a publish and a clear comes first.
CREATE TABLE instances (
    number   integer PRIMARY KEY,
    id       uuid NOT NULL UNIQUE REFERENCES grain_state (instance_id) ON DELETE CASCADE,
    version  bigint NOT NULL,
    status   integer NOT NULL,
    busy     boolean NOT NULL,
    due_at   timestamptz,
    region   text,
    node     text,
    driver   text NOT NULL,
    owner    text NOT NULL,
    name     text,
    snapshot bytea NOT NULL
);

CREATE INDEX instances_by_status ON instances (status, number);
CREATE INDEX instances_by_region ON instances (region, number) WHERE region IS NOT NULL;
CREATE INDEX instances_by_node ON instances (node, number) WHERE node IS NOT NULL;
CREATE INDEX instances_by_driver ON instances (driver, number);
CREATE INDEX instances_by_owner ON instances (owner, number);
CREATE INDEX instances_by_name ON instances (name, number) WHERE name IS NOT NULL;
CREATE INDEX instances_by_due ON instances (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX instances_busy ON instances (id) WHERE busy;

CREATE TABLE instance_labels (
    key    text NOT NULL,
    value  text NOT NULL,
    number integer NOT NULL REFERENCES instances (number) ON DELETE CASCADE,
    PRIMARY KEY (key, value, number)
);

CREATE INDEX instance_labels_by_number ON instance_labels (number);

CREATE TABLE instance_events (
    instance_id uuid NOT NULL,
    sequence    bigint NOT NULL,
    type        text NOT NULL,
    at          timestamptz NOT NULL,
    epoch       bigint NOT NULL,
    message     text NOT NULL,
    metadata    bytea NOT NULL,
    PRIMARY KEY (instance_id, sequence)
);

CREATE TABLE nodes (
    name     text COLLATE "C" PRIMARY KEY,
    node_id  uuid NOT NULL,
    seen_at  timestamptz NOT NULL,
    snapshot bytea NOT NULL
);

CREATE TABLE api_keys (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    hash       bytea NOT NULL UNIQUE,
    scopes     text NOT NULL,
    owner      text,
    labels     bytea NOT NULL,
    user_id    integer,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked    boolean NOT NULL
);

CREATE INDEX api_keys_by_user ON api_keys (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE users (
    id               integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name             text NOT NULL UNIQUE,
    password_hash    text NOT NULL,
    is_administrator boolean NOT NULL,
    created_at       timestamptz NOT NULL
);

CREATE TABLE user_permissions (
    user_id     integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    instance_id uuid NOT NULL,
    permissions integer NOT NULL,
    PRIMARY KEY (user_id, instance_id)
);
