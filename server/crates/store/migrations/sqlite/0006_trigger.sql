create table function_trigger (
  region text not null,
  service text not null,
  function text not null,
  name text not null,
  id text not null,
  etag text not null,
  -- JSON of model::TriggerSpec; the qualifier of it stands beside it to be found by.
  spec text not null,
  qualifier text not null,
  created_at_ms integer not null,
  modified_at_ms integer not null,
  -- Not null exactly while the trigger fires by the clock.
  next_due_ms integer,
  -- The due time of the latest firing.
  last_due_ms integer,
  primary key (region, service, function, name),
  -- A function with triggers can't be deleted.
  constraint function_trigger_function_fk foreign key (region, service, function) references function (region, service, name)
) strict;

-- What fires next: small, however many other triggers there are.
create index function_trigger_due on function_trigger (next_due_ms) where next_due_ms is not null;
