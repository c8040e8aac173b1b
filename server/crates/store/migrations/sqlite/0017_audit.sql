-- Who did what. Rows are added and deleted when they are old; none is changed.
create table audit (
  seq integer primary key autoincrement,
  at_ms integer not null,
  -- user, access-key or command-line.
  actor_kind text not null,
  actor text not null,
  address text not null,
  action text not null,
  resource text not null,
  region text not null,
  -- OK or the code of the error.
  outcome text not null,
  request_id text not null
) strict;

-- One for each filter, each in the list's order.
create index audit_list on audit (at_ms, seq);
create index audit_by_actor on audit (actor, at_ms, seq);
create index audit_by_action on audit (action, at_ms, seq);
create index audit_by_resource on audit (resource, at_ms, seq);
