create table function_trigger (
  region text collate "C" not null,
  service text collate "C" not null,
  function text collate "C" not null,
  name text collate "C" not null,
  id text collate "C" not null,
  etag text collate "C" not null,
  -- JSON of model::TriggerSpec; the qualifier of it stands beside it to be found by.
  spec text not null,
  qualifier text collate "C" not null,
  created_at_ms bigint not null,
  modified_at_ms bigint not null,
  -- Not null exactly while the trigger fires by the clock.
  next_due_ms bigint,
  -- The due time of the latest firing.
  last_due_ms bigint,
  primary key (region, service, function, name),
  -- A function with triggers can't be deleted.
  constraint function_trigger_function_fk foreign key (region, service, function) references function (region, service, name)
);

-- What fires next: small, however many other triggers there are.
create index function_trigger_due on function_trigger (next_due_ms) where next_due_ms is not null;
