//! A check that every key of the vault opens.

use crate::{KeyScope, Vault, VaultError};

/// Problems listed in one report; a broken disk has no end of them.
const PROBLEMS_MAX: usize = 1000;

/// What [`Vault::verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VaultReport {
    /// Scopes whose key opens.
    pub scopes: usize,
    /// File keys that open.
    pub file_keys: usize,
    /// Slots without a key: erased, or torn by a crash before their key was used.
    pub dead_slots: usize,
    /// What does not open.
    pub problems: Vec<VaultProblem>,
}

/// A key, or a group of keys, that does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultProblem {
    /// All of a scope.
    Scope(KeyScope),
    /// A camera's slot file.
    Day {
        /// Whose.
        scope: KeyScope,
        /// Days since 1970-01-01.
        day: u32,
        /// Keys that do not open; `None` when the slot file cannot be read at all.
        file_keys: Option<usize>,
    },
}

impl VaultReport {
    /// Whether everything opens.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    fn add_problem(&mut self, problem: VaultProblem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}

impl Vault {
    /// Opens every scope key and every file key. Recording goes on meanwhile: a camera's lock is
    /// held for one day's slots at a time.
    pub fn verify(&self) -> Result<VaultReport, VaultError> {
        let mut report = VaultReport::default();
        for scope in self.scopes()? {
            let checked = match self.reread_scope(&scope) {
                Ok(()) => self.verify_days(scope, &mut report),
                Err(error) => Err(error),
            };
            match checked {
                Ok(()) => report.scopes += 1,
                // Erased since the list was made.
                Err(VaultError::ScopeMissing(_)) => {}
                Err(_) => report.add_problem(VaultProblem::Scope(scope)),
            }
        }
        Ok(report)
    }

    fn verify_days(&self, scope: KeyScope, report: &mut VaultReport) -> Result<(), VaultError> {
        let KeyScope::Camera(camera) = scope else { return Ok(()) };
        for day in self.days(camera)? {
            match self.with_camera(camera, |slots, keys| slots.verify(&keys.wraps, day)) {
                Err(VaultError::ScopeMissing(scope)) => {
                    return Err(VaultError::ScopeMissing(scope));
                }
                counts => report.add_day(scope, day, counts.ok()),
            }
        }
        Ok(())
    }
}

impl VaultReport {
    fn add_day(&mut self, scope: KeyScope, day: u32, counts: Option<[usize; 3]>) {
        let Some([good, bad, dead]) = counts else {
            return self.add_problem(VaultProblem::Day { scope, day, file_keys: None });
        };
        self.file_keys += good;
        self.dead_slots += dead;
        if bad > 0 {
            self.add_problem(VaultProblem::Day { scope, day, file_keys: Some(bad) });
        }
    }
}
