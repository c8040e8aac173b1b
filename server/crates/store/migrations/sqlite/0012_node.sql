-- The servers that share this database, for those that ask each other.
create table node (
  worker text not null primary key,
  -- Host and port.
  address text not null,
  -- In clear: whoever asks the server shows it.
  secret text not null,
  seen_at_ms integer not null
) strict, without rowid;
