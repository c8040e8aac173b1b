-- Who is told of the task's end, as configured at its submission; null means nobody, which costs a row nothing.
alter table task add column on_success text collate "C";
alter table task add column on_failure text collate "C";

-- The delivery of an outcome, written with the final state of a task that names a destination for it; at most one per task.
create table outbox (
  task_seq bigint not null primary key,
  target text collate "C" not null,
  -- Running, Succeeded or Failed; the task has it too, as destination_status.
  status text collate "C" not null,
  -- Tries that have ended.
  attempts bigint not null,
  -- Not null exactly while Running: when the next try is due or, while one is under way, when its lease has passed.
  due_at_ms bigint,
  -- Empty while no try is under way.
  worker_id text collate "C" not null,
  -- Number of the lease: grows with each claim and each end of a try, so a late writer never matches.
  fence bigint not null,
  last_error text not null,
  created_at_ms bigint not null,
  changed_at_ms bigint not null,
  redriven_by text collate "C" not null
);

create index outbox_due on outbox (due_at_ms, task_seq) where due_at_ms is not null;
