-- The servers that share this database, for those that ask each other.
create table node (
  worker text collate "C" not null primary key,
  -- Host and port.
  address text not null,
  -- In clear: whoever asks the server shows it.
  secret text not null,
  seen_at_ms bigint not null
);
