//! Filters that a person keeps under a name.

use sanctuary_disclosure::Actor;
use sanctuary_policy::Action;

use crate::{Change, Filter, Review, ReviewError, SavedView, VIEWS_MAX};

const NAME_CHARS_MAX: usize = 60;

impl Review<'_> {
    /// The person's saved views, by name.
    ///
    /// # Errors
    /// [`ReviewError::NeedsRole`], or what the store gives.
    pub fn views(&self, by: &Actor) -> Result<Vec<SavedView>, ReviewError> {
        Self::need(by, Action::ReadAlerts)?;
        Ok(self.ports.store.views(&by.person)?)
    }

    /// Keeps a filter under a name; one of the same name is replaced.
    ///
    /// # Errors
    /// [`ReviewError::ViewName`], [`ReviewError::TooManyViews`].
    pub fn save_view(&self, name: &str, filter: &Filter, by: &Actor) -> Result<(), ReviewError> {
        Self::need(by, Action::ReadAlerts)?;
        let name = name.trim();
        let length = name.chars().take(NAME_CHARS_MAX + 1).count();
        if !(1..=NAME_CHARS_MAX).contains(&length) || name.chars().any(char::is_control) {
            return Err(ReviewError::ViewName);
        }
        let _one = self.desk.writer();
        let mut views = self.ports.store.views(&by.person)?;
        views.retain(|view| view.name != name);
        if views.len() >= VIEWS_MAX {
            return Err(ReviewError::TooManyViews);
        }
        views.push(SavedView {
            name: name.to_owned(),
            filter: filter.clone(),
        });
        self.put_views(views, by)
    }

    /// Forgets a saved view; nothing when there is none of that name.
    ///
    /// # Errors
    /// What the store gives.
    pub fn delete_view(&self, name: &str, by: &Actor) -> Result<(), ReviewError> {
        Self::need(by, Action::ReadAlerts)?;
        let _one = self.desk.writer();
        let mut views = self.ports.store.views(&by.person)?;
        views.retain(|view| view.name != name.trim());
        self.put_views(views, by)
    }

    fn put_views(&self, mut views: Vec<SavedView>, by: &Actor) -> Result<(), ReviewError> {
        views.sort_by(|a, b| a.name.cmp(&b.name));
        let views = Some((by.person.clone(), views));
        let items = Vec::new();
        Ok(self.ports.store.commit(&Change { items, views })?)
    }
}
