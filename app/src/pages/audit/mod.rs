//! `Audit`: who changed what (SC-25, C-86). A list to read, with filters in the address; nothing in it can be changed.

mod api;
mod page;

pub(crate) use page::AuditPage;
