-- Addresses that users have given a name.
create table saved_view (
  user_name text not null,
  -- Path of the list.
  list text not null,
  name text not null,
  query text not null,
  created_at_ms integer not null,
  primary key (user_name, list, name)
) strict, without rowid;
