-- Several users. Whoever there is already is an administrator, which is what the one user of earlier releases was.
alter table user_account add column role text not null default 'admin';
alter table user_account add column enabled integer not null default 1;

-- Where a session was opened from; empty for those of earlier releases.
alter table user_session add column address text not null default '';
alter table user_session add column agent text not null default '';

create index user_session_user on user_session (user_name);

create index access_key_user on access_key (user_name);
