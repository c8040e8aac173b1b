//! Views of task lists that a user has given a name (`console.md` B-05).

use crate::{Error, Result, limits};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A list of tasks with its filters, by a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Unique among the user's views of the list.
    pub name: String,
    /// Path of the list in the console.
    pub list: String,
    /// Query string of the list, with its question mark; empty for the plain list.
    pub query: String,
}

impl SavedView {
    /// Checks what a user gave.
    pub fn validate(&self) -> Result<()> {
        let chars = self.name.chars().count();
        if !(1..=limits::VIEW_NAME_CHARS_MAX).contains(&chars) || self.name.trim() != self.name || self.name.chars().any(char::is_control) {
            return Err(Error::invalid(format!(
                "Name is set to an invalid value (allowed: 1 to {} characters)",
                limits::VIEW_NAME_CHARS_MAX
            )));
        }
        if !self.list.starts_with('/') || self.list.len() + self.query.len() > limits::VIEW_ADDRESS_BYTES_MAX {
            return Err(Error::invalid(format!(
                "a view is an address of this console of at most {} bytes",
                limits::VIEW_ADDRESS_BYTES_MAX
            )));
        }
        Ok(())
    }

    /// The view's address.
    pub fn address(&self) -> String {
        format!("{}{}", self.list, self.query)
    }
}

/// The part of [`crate::ControlPlane`] that keeps the views of users.
#[async_trait]
pub trait ViewControl: Send + Sync {
    /// The user's views by list and name, all of them.
    async fn list_views(&self, user: &str) -> Result<Vec<SavedView>>;

    /// Keeps a view for the user, in the place of the one that the list has by this name. Errors: `LimitExceededError`.
    async fn save_view(&self, user: &str, view: &SavedView) -> Result<()>;

    /// Deletes the user's view of a list; one that is not there is no error.
    async fn delete_view(&self, user: &str, list: &str, name: &str) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b05_names_have_1_to_64_characters() {
        let check = |name: &str, fits: bool| {
            let view = SavedView { name: name.to_owned(), list: "/r/all-tasks".to_owned(), query: "?status=Failed".to_owned() };
            assert_eq!(view.validate().is_ok(), fits, "{name:?}");
        };
        check("a", true);
        check(&"ä".repeat(64), true);
        check(&"a".repeat(65), false);
        check("", false);
        check(" a", false);
        check("a\nb", false);
    }

    #[test]
    fn b05_a_view_leads_nowhere_else() {
        let check = |list: &str, query: &str, fits: bool| {
            let view = SavedView { name: "a".to_owned(), list: list.to_owned(), query: query.to_owned() };
            assert_eq!(view.validate().is_ok(), fits, "{list}{query}");
        };
        check("/r/all-tasks", "", true);
        check("https://evil.example", "", false);
        check("/r/all-tasks", &format!("?{}", "a".repeat(limits::VIEW_ADDRESS_BYTES_MAX)), false);
    }
}
