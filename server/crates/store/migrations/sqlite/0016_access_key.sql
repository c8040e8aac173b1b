-- Many keys, each with a name, a policy and a sealed secret. The column secret is empty from now on: what an earlier release has stored in it
-- is sealed by the next start, which has the key for that.
alter table access_key add column sealed blob not null default x'';
alter table access_key add column name text not null default 'first key';
alter table access_key add column policy text not null default 'full';
-- Names of the services that the key is limited to, with commas between; empty for all.
alter table access_key add column services text not null default '';
alter table access_key add column last_used_at_ms integer;
