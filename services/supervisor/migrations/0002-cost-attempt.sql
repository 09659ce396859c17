ALTER TABLE cost_ledger ADD COLUMN attempt bigint CHECK (attempt >= 1);
COMMENT ON COLUMN cost_ledger.attempt IS 'delivery of the job, from 1; every attempt has its own row';
CREATE INDEX cost_ledger_by_job ON cost_ledger (job_id);
