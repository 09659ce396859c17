-- What the recorder writes. Streams are independent, so nothing refers to another table by a foreign key: a cost may
-- arrive before its task.

CREATE TABLE tasks (
    task_id       uuid PRIMARY KEY,
    state         text NOT NULL,
    prompt        text,
    role          text,
    priority      text,
    budget_usd    numeric,
    timeout_ms    bigint,
    session_id    uuid,
    submitted_by  text,
    agent_id      text,
    job_id        text,
    worker_id     text,
    attempt       bigint,
    outcome       text,
    result        text,
    error_code    text,
    error_message text,
    cost_usd      numeric,
    duration_ms   bigint,
    turns         bigint,
    trace_id      text,
    queued_at     timestamptz,
    assigned_at   timestamptz,
    started_at    timestamptz,
    finished_at   timestamptz,
    updated_at    timestamptz NOT NULL,
    last_sequence bigint NOT NULL
);
COMMENT ON COLUMN tasks.state IS 'queued, assigned, running, retrying, or the outcome';
COMMENT ON COLUMN tasks.last_sequence IS 'newest message of RESULTS that is reflected here';
CREATE INDEX tasks_by_state ON tasks (state, updated_at);

CREATE TABLE task_events (
    message_id uuid PRIMARY KEY,
    task_id    uuid NOT NULL,
    sequence   bigint NOT NULL,
    at         timestamptz NOT NULL,
    event      text NOT NULL,
    agent_id   text,
    job_id     text,
    worker_id  text,
    attempt    bigint,
    trace_id   text
);
COMMENT ON COLUMN task_events.event IS 'queued, assigned, running, retrying, or the outcome';
CREATE INDEX task_events_by_task ON task_events (task_id, sequence);

CREATE TABLE agents (
    agent_id        text PRIMARY KEY,
    role            text,
    state           text,
    task_id         uuid,
    slot            integer,
    pid             bigint,
    restarts        bigint,
    last_event      text,
    updated_at      timestamptz NOT NULL,
    status_sequence bigint NOT NULL DEFAULT 0,
    event_sequence  bigint NOT NULL DEFAULT 0
);

CREATE TABLE agent_restarts (
    message_id uuid PRIMARY KEY,
    agent_id   text NOT NULL,
    at         timestamptz NOT NULL,
    event      text NOT NULL,
    role       text,
    slot       integer,
    pid        bigint,
    exit_code  integer,
    signal     integer,
    restarts   bigint,
    delay_ms   bigint,
    reason     text
);
COMMENT ON COLUMN agent_restarts.event IS 'exited, restart_scheduled, quarantined or released';
CREATE INDEX agent_restarts_by_agent ON agent_restarts (agent_id, at);

CREATE TABLE cost_ledger (
    message_id         uuid PRIMARY KEY,
    at                 timestamptz NOT NULL,
    worker_id          text NOT NULL,
    job_id             text NOT NULL,
    task_id            uuid NOT NULL,
    agent_id           text NOT NULL,
    outcome            text NOT NULL,
    cost_usd           numeric NOT NULL CHECK (cost_usd >= 0),
    final              boolean NOT NULL,
    model              text,
    input_tokens       bigint,
    output_tokens      bigint,
    cache_read_tokens  bigint,
    cache_write_tokens bigint,
    turns              bigint,
    duration_ms        bigint
);
CREATE INDEX cost_ledger_by_task ON cost_ledger (task_id);
CREATE INDEX cost_ledger_by_time ON cost_ledger (at);

CREATE TABLE discoveries (
    message_id uuid PRIMARY KEY,
    sequence   bigint NOT NULL,
    at         timestamptz NOT NULL,
    agent_id   text NOT NULL,
    role       text,
    type       text NOT NULL,
    content    text NOT NULL,
    confidence double precision NOT NULL,
    task_id    uuid,
    tags       text[] NOT NULL,
    related_to bigint[] NOT NULL,
    trace_id   text,
    search     tsvector GENERATED ALWAYS AS (to_tsvector('english', content)) STORED
);
CREATE INDEX discoveries_by_text ON discoveries USING gin (search);
CREATE INDEX discoveries_by_sequence ON discoveries (sequence);
CREATE INDEX discoveries_by_agent ON discoveries (agent_id, at);
