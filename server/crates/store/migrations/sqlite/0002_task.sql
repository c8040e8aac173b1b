create table task (
  -- Never given twice, not even after the newest task was pruned: a late write names its task by it.
  seq integer primary key autoincrement,
  region text not null,
  service text not null,
  function text not null,
  task_id text not null,
  qualifier text not null,
  request_id text not null,
  -- 0 for asynchronous calls with task mode off: run alike, never shown.
  listed integer not null,
  status text not null,
  -- The history, one line per event: state, milliseconds, detail. In the row, because each change writes the row anyway (README, "What the
  -- engine costs").
  events text not null,
  submitted_at_ms integer not null,
  due_at_ms integer not null,
  expires_at_ms integer not null,
  -- The submission until the first attempt begins: the list's order needs a value from the start.
  started_at_ms integer not null,
  ended_at_ms integer,
  -- Not null exactly while anybody may claim the task.
  run_at_ms integer,
  -- Empty while nobody holds the task.
  worker_id text not null default '',
  -- Number of the lease: grows with each claim and whenever a lease ends, so a late writer never matches.
  fence integer not null default 0,
  attempt integer not null default 0,
  retried integer not null default 0,
  max_retries integer not null,
  duration_ms integer not null default 0,
  instance_id text not null default '',
  error_kind text not null default '',
  error_message text not null default '',
  destination_status text not null default '',
  -- JSON of model::Origin.
  origin text not null,
  origin_task_id text,
  result_bytes integer not null default 0,
  -- Last, so that reading the columns before them does not touch the pages that long ones spill to.
  payload blob not null,
  result blob
) strict;

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
  id text not null primary key,
  alive_until_ms integer not null
) strict, without rowid;

-- Exact counts without counting: changed in the transaction that changes the tasks. Shards keep writers of one function from
-- waiting for each other's commit; a single shard may be negative, only the sum means something.
create table task_count (
  region text not null,
  service text not null,
  function text not null,
  listed integer not null,
  status text not null,
  shard integer not null,
  count integer not null,
  -- Latest acceptance of a task that was counted in this row.
  latest_ms integer not null,
  primary key (region, service, function, listed, status, shard)
) strict, without rowid;

-- What holds back waiting tasks. A row without service and function is about the whole region.
create table queue_hold (
  region text not null,
  service text not null,
  function text not null,
  paused_at_ms integer,
  -- Tasks in the hands of workers at once.
  max_running integer,
  primary key (region, service, function)
) strict, without rowid;
