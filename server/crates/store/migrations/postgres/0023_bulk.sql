-- Actions on many tasks of a function at once.
create table bulk (
  id text collate "C" not null primary key,
  region text collate "C" not null,
  service text collate "C" not null,
  function text collate "C" not null,
  action text collate "C" not null,
  -- JSON of model::BulkFilter, as it was when the action was confirmed.
  wanted text not null,
  -- The action whose failures this one tries again.
  retry_of text collate "C",
  user_name text collate "C" not null,
  created_at_ms bigint not null,
  ended_at_ms bigint,
  state text collate "C" not null,
  -- Who ended it early; empty for nobody.
  stopped_by text collate "C" not null default '',
  -- Number of the newest task when it was confirmed: later ones are not touched.
  until_seq bigint not null,
  -- JSON of where the search for its tasks goes on; null once all are found.
  scan_cursor text,
  total bigint not null default 0,
  done bigint not null default 0,
  failed bigint not null default 0,
  skipped bigint not null default 0,
  -- Empty while nobody works on it.
  worker_id text collate "C" not null default '',
  -- When anybody may work on it again; also the order in which actions have their turns.
  due_at_ms bigint not null,
  -- Number of the lease: grows with each turn, so a late writer never matches.
  fence bigint not null default 0
);

create index bulk_list on bulk (region, created_at_ms, id);
-- The actions that go on: few, however many there were.
create index bulk_due on bulk (due_at_ms, id) where ended_at_ms is null;
create index bulk_ended on bulk (ended_at_ms) where ended_at_ms is not null;

-- The tasks of each action and what came of them.
create table bulk_item (
  bulk_id text collate "C" not null,
  task_seq bigint not null,
  task_id text collate "C" not null,
  -- Empty while it waits.
  outcome text collate "C" not null default '',
  reason text not null default '',
  -- The task that executes it again.
  new_task_id text collate "C",
  primary key (bulk_id, task_seq)
);

create index bulk_item_outcome on bulk_item (bulk_id, outcome, task_seq);

-- Groups of badly ended tasks that nobody wants to see any more, up to the end of the last one then.
create table dead_letter_dismissal (
  region text collate "C" not null,
  service text collate "C" not null,
  function text collate "C" not null,
  status text collate "C" not null,
  error_kind text collate "C" not null,
  until_ms bigint not null,
  primary key (region, service, function, status, error_kind)
);
