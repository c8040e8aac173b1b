-- Addresses that users have given a name.
create table saved_view (
  user_name text collate "C" not null,
  -- Path of the list.
  list text collate "C" not null,
  name text collate "C" not null,
  query text collate "C" not null,
  created_at_ms bigint not null,
  primary key (user_name, list, name)
);
