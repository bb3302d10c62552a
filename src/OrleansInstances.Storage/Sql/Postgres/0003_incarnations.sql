-- Each join takes the next number, whatever its name. 0 is from before.
CREATE SEQUENCE node_incarnations;

ALTER TABLE nodes
    ADD COLUMN incarnation bigint NOT NULL DEFAULT 0,
    ADD COLUMN since bigint NOT NULL DEFAULT 0,
    ADD COLUMN lease interval NOT NULL DEFAULT '30 s',
    ADD COLUMN revoked boolean NOT NULL DEFAULT false,
    ADD COLUMN fenced boolean NOT NULL DEFAULT false,
    ADD COLUMN removed boolean NOT NULL DEFAULT false,
    ADD COLUMN cordon integer NOT NULL DEFAULT 0;
