-- JSON of model::HttpRequest for a task of an HTTP function, of which the payload is the body; null for events, which costs a row nothing.
alter table task add column http text;
