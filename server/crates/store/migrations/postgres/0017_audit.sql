-- Who did what. Rows are added and deleted when they are old; none is changed.
create table audit (
  seq bigint generated always as identity primary key,
  at_ms bigint not null,
  -- user, access-key or command-line.
  actor_kind text collate "C" not null,
  actor text collate "C" not null,
  address text collate "C" not null,
  action text collate "C" not null,
  resource text collate "C" not null,
  region text collate "C" not null,
  -- OK or the code of the error.
  outcome text collate "C" not null,
  request_id text collate "C" not null
);

-- One for each filter, each in the list's order.
create index audit_list on audit (at_ms, seq);
create index audit_by_actor on audit (actor, at_ms, seq);
create index audit_by_action on audit (action, at_ms, seq);
create index audit_by_resource on audit (resource, at_ms, seq);
