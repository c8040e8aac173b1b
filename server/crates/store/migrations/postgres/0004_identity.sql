create table user_account (
  name text collate "C" not null primary key,
  -- PHC string.
  password_hash text not null,
  created_at_ms bigint not null,
  modified_at_ms bigint not null
);

create table user_session (
  -- The token itself is never stored.
  token_hash text collate "C" not null primary key,
  user_name text collate "C" not null,
  created_at_ms bigint not null,
  ends_at_ms bigint not null
);

create index user_session_end on user_session (ends_at_ms);

create table access_key (
  id text collate "C" not null primary key,
  -- In clear: a signature is checked by computing it anew.
  secret text not null,
  user_name text collate "C" not null,
  enabled bigint not null,
  created_at_ms bigint not null,
  modified_at_ms bigint not null
);
