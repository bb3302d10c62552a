-- A miner that has GPUs stays, and a chute that has jobs.
ALTER TABLE chute_gpus ADD COLUMN miner_hotkey TEXT NOT NULL DEFAULT '';
UPDATE chute_gpus SET miner_hotkey = json_extract(CAST(data AS TEXT), '$.miner_hotkey');
CREATE INDEX chute_gpus_by_miner ON chute_gpus (miner_hotkey);
CREATE INDEX chute_jobs_by_chute ON chute_jobs (chute_id);
