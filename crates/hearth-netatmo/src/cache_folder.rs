//! Where the platform wants caches to be. promise: N-02.

use std::{ffi::OsString, path::PathBuf};

/// The folder for sessions: `hearthwatch/netatmo` in the platform's cache folder. `None` if the
/// environment names no home.
///
/// The environment is an argument: `cache_folder(|name| std::env::var_os(name))`.
///
/// ```
/// use hearth_netatmo::cache_folder;
/// let folder = cache_folder(|name| (name == "HOME").then(|| "/h".into()));
/// assert!(folder.is_some_and(|folder| folder.ends_with("hearthwatch/netatmo")));
/// ```
pub fn cache_folder(environment: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute =
        |name: &str| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = if cfg!(target_os = "macos") {
        absolute("HOME")?.join("Library/Caches")
    } else {
        // XDG Base Directory Specification: a relative path is to be ignored.
        absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?
    };
    Some(caches.join("hearthwatch/netatmo"))
}

#[cfg(all(test, not(target_os = "macos")))]
mod tests {
    use super::*;

    /// promise: N-02. The platform's cache folder, as its user set it.
    #[test]
    fn the_folder_is_where_the_platform_wants_it() {
        let with = |variables: &[(&str, &str)]| {
            let found = |name: &str| variables.iter().find(|variable| variable.0 == name);
            cache_folder(|name| found(name).map(|variable| variable.1.into()))
        };
        let home = Some(PathBuf::from("/h/.cache/hearthwatch/netatmo"));
        assert_eq!(with(&[("HOME", "/h")]), home);
        assert_eq!(with(&[("HOME", "/h"), ("XDG_CACHE_HOME", "relative")]), home);
        let own = Some(PathBuf::from("/c/hearthwatch/netatmo"));
        assert_eq!(with(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")]), own);
        assert_eq!(with(&[]), None);
    }
}
