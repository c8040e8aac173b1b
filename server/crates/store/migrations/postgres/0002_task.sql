create table task (
  -- Never given twice, not even after the newest task was pruned: a late write names its task by it.
  seq bigint generated always as identity primary key,
  region text collate "C" not null,
  service text collate "C" not null,
  function text collate "C" not null,
  task_id text collate "C" not null,
  qualifier text collate "C" not null,
  request_id text collate "C" not null,
  -- 0 for asynchronous calls with task mode off: run alike, never shown.
  listed bigint not null,
  status text collate "C" not null,
  -- The history, one line per event: state, milliseconds, detail. In the row, because each change writes the row anyway (README, "What the
  -- engine costs").
  events text collate "C" not null,
  submitted_at_ms bigint not null,
  due_at_ms bigint not null,
  expires_at_ms bigint not null,
  -- The submission until the first attempt begins: the list's order needs a value from the start.
  started_at_ms bigint not null,
  ended_at_ms bigint,
  -- Not null exactly while anybody may claim the task.
  run_at_ms bigint,
  -- Empty while nobody holds the task.
  worker_id text collate "C" not null default '',
  -- Number of the lease: grows with each claim and whenever a lease ends, so a late writer never matches.
  fence bigint not null default 0,
  attempt bigint not null default 0,
  retried bigint not null default 0,
  max_retries bigint not null,
  duration_ms bigint not null default 0,
  instance_id text collate "C" not null default '',
  error_kind text collate "C" not null default '',
  error_message text not null default '',
  destination_status text collate "C" not null default '',
  -- JSON of model::Origin.
  origin text not null,
  origin_task_id text collate "C",
  result_bytes bigint not null default 0,
  -- Long ones are kept out of the row, so that a status change does not write them again.
  payload bytea not null,
  result bytea
);

-- The one id per function; also the range for id prefixes.
create unique index task_id_key on task (region, service, function, task_id);
-- Pages without a state filter, and time windows.
create index task_list on task (region, service, function, started_at_ms, seq) where listed = 1;
-- Pages of one state; unlisted tasks are in it too, for the search after a function was deleted.
create index task_list_by_status on task (region, service, function, status, listed, started_at_ms, seq);
-- The queue of each function; the first row of each is found by stepping from function to function.
create index task_queue on task (region, service, function, run_at_ms, seq) where run_at_ms is not null;
-- What workers hold: small, however many tasks there are.
create index task_held on task (worker_id, region, service, function) where worker_id <> '';
-- Liveness is the worker's, not the task's: one row per heartbeat, however many tasks are held.
create table worker (
  id text collate "C" not null primary key,
  alive_until_ms bigint not null
);

-- Exact counts without counting: changed in the transaction that changes the tasks. Shards keep writers of one function from
-- waiting for each other's commit; a single shard may be negative, only the sum means something.
create table task_count (
  region text collate "C" not null,
  service text collate "C" not null,
  function text collate "C" not null,
  listed bigint not null,
  status text collate "C" not null,
  shard bigint not null,
  count bigint not null,
  -- Latest acceptance of a task that was counted in this row.
  latest_ms bigint not null,
  primary key (region, service, function, listed, status, shard)
);

-- What holds back waiting tasks. A row without service and function is about the whole region.
create table queue_hold (
  region text collate "C" not null,
  service text collate "C" not null,
  function text collate "C" not null,
  paused_at_ms bigint,
  -- Tasks in the hands of workers at once.
  max_running bigint,
  primary key (region, service, function)
);
