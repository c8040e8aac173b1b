//! The verbs against a server that answers from a list.

mod flows;
mod local;
mod requests;
mod surroundings;
