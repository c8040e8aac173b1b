use crate::error::Result;
use leptos::prelude::*;
use model::{Region, SavedView};
use server_fn::codec::Json;

/// The user's views of the lists of a region.
#[server(input = Json)]
pub async fn saved_views(region: Region) -> Result<Vec<SavedView>> {
    use crate::routes::Route;
    let (console, user) = crate::server::signed_in()?;
    let mut views = console.control.list_views(&user).await?;
    views.retain(|view| Route::parse(&view.list).is_some_and(|list| list.region() == Some(&region)));
    Ok(views)
}

/// Keeps the filters of a list by a name and leads back to the list.
#[server]
pub async fn save_view(of: String, #[server(default)] name: String) -> Result<()> {
    use crate::forms::Checks;
    use crate::{error::ConsoleError, notice::Notice, server};
    use model::ErrorCode;
    let (console, user) = server::signed_in()?;
    let incomplete = || ConsoleError::new(ErrorCode::InvalidArgument, t!("The form is not complete. Reload the page and try again."));
    let (list, query) = read::list_and_query(&of).ok_or_else(incomplete)?;
    let view = SavedView { name: name.trim().to_owned(), list, query };
    let mut checks = Checks::default();
    if view.validate().is_err() {
        checks.fail("name", t!("Enter 1 to 64 characters."));
    }
    checks.finish()?;
    console.control.save_view(&user, &view).await?;
    let separator = if view.query.is_empty() { '?' } else { '&' };
    server::redirect(&format!("{}{separator}notice={}", view.address(), Notice::ViewSaved.as_str()));
    Ok(())
}

/// Deletes a view and leads to those that are left.
#[server]
pub async fn delete_view(region: Region, list: String, name: String) -> Result<()> {
    use crate::routes::{AdminPage, Route};
    use crate::{notice::Notice, server};
    let (console, user) = server::signed_in()?;
    console.control.delete_view(&user, &list, &name).await?;
    server::redirect(&Route::Admin(region, AdminPage::SavedViews).with_notice(Notice::ViewDeleted));
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) mod read {
    use crate::routes::{self, AdminPage, FunctionPage, Route};

    /// Path and query of the list that an address is of: filters alone, from the first page on.
    pub fn list_and_query(address: &str) -> Option<(String, String)> {
        let (path, search) = address.split_once('?').unwrap_or((address, ""));
        let list = Route::parse(path)?;
        if !matches!(list, Route::Admin(_, AdminPage::AllTasks) | Route::Function(_, FunctionPage::Tasks)) {
            return None;
        }
        let mut pairs = routes::pairs(search);
        pairs.retain(|(name, _)| !["nextToken", "notice", "task"].contains(&name.as_str()));
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Some((list.path(), routes::query(&pairs)))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn b05_only_lists_of_tasks_are_saved_from_their_first_page_on() {
            let check = |address: &str, saved: Option<(&str, &str)>| {
                let found = list_and_query(address);
                assert_eq!(found.as_ref().map(|(list, query)| (list.as_str(), query.as_str())), saved, "{address}");
            };
            check("/r/all-tasks?status=Failed&nextToken=1-2&notice=view-saved", Some(("/r/all-tasks", "?status=Failed")));
            check("/r/services/s/functions/f/tasks", Some(("/r/services/s/functions/f/tasks", "")));
            check("/r/services/s/functions/f/tasks/t", None);
            check("/r/audit", None);
            check("https://evil.example/all-tasks", None);
            check("//evil.example/all-tasks", Some(("/evil.example/all-tasks", "")));
        }
    }
}
