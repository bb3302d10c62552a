-- What ended long ago goes.
CREATE INDEX chute_audit_by_end ON chute_audit (deleted_at) WHERE deleted_at IS NOT NULL;
