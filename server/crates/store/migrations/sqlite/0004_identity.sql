create table user_account (
  name text not null primary key,
  -- PHC string.
  password_hash text not null,
  created_at_ms integer not null,
  modified_at_ms integer not null
) strict, without rowid;

create table user_session (
  -- The token itself is never stored.
  token_hash text not null primary key,
  user_name text not null,
  created_at_ms integer not null,
  ends_at_ms integer not null
) strict, without rowid;

create index user_session_end on user_session (ends_at_ms);

create table access_key (
  id text not null primary key,
  -- In clear: a signature is checked by computing it anew.
  secret text not null,
  user_name text not null,
  enabled integer not null,
  created_at_ms integer not null,
  modified_at_ms integer not null
) strict, without rowid;
