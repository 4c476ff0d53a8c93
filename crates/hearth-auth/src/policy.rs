//! The one gate: who may do what, on which camera.
//!
//! Data and one question, [`Policy::permits`]; everything that the data does not permit is denied.
//! Every way to ask (grants for use cases, [`Access`] for routes, [`Policy::visible`] for lists)
//! ends in that question, so there is one place to read and one place to change.
//!
//! Three tables answer it: what a role may do, what an account may do with single cameras
//! ([`CameraAccess`]), and for programs what their token is for ([`TokenScope`]). The second is kept
//! here behind a lock that is held for a few instructions, so that a change of rules holds for the
//! next question of whoever is already connected. The policy knows no time: accounts, sessions and
//! tokens that have ended are nobody before they get here.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use hearth_model::{CameraId, EventKind, Fault, FaultKind, Role, SessionId, TokenId, UserId};

use crate::grant::{AccountGrant, OwnerGrant};
use crate::{
    Access, Action, CameraAccess, CameraAction, CameraGrant, HouseAction, HouseGrant, Scope,
    TokenName, TokenScope, UserName,
};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Somebody signed in.
    User {
        /// Which account.
        user: UserId,
        /// Its name, for the log.
        name: UserName,
        /// Its role at this moment.
        role: Role,
        /// By which sign-in.
        session: SessionId,
    },
    /// A program with a token.
    Machine {
        /// Which token.
        token: TokenId,
        /// What the token is called, for the log.
        name: TokenName,
        /// Whose token it is.
        user: UserId,
        /// The role of that account at this moment.
        role: Role,
        /// What the token is for.
        scope: Arc<TokenScope>,
    },
    /// The peer of the owner-only control socket: the operating system has checked that it is the
    /// user who runs the hub, who could read its files anyway.
    Owner,
}

/// The policy said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody is signed in.
    #[error("sign in first")]
    SignedOut,
    /// This principal may not do that.
    #[error("your account may not do this")]
    Forbidden {
        /// What was asked for.
        action: Action,
    },
    /// It is about somebody's own account, and a program or the control socket has none.
    #[error("this is about your own account: sign in as a person")]
    NotAPerson,
    /// It is for whoever runs the hub.
    #[error("this can only be done on the hub's own machine")]
    NotOwner,
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        let kind = match denied {
            Denied::SignedOut => FaultKind::Unauthenticated,
            Denied::Forbidden { .. } | Denied::NotAPerson | Denied::NotOwner => FaultKind::Denied,
        };
        Self::new(kind, denied.to_string())
    }
}

/// Which roles may do what (promise V-03). A service may do nothing by its role alone: what a
/// program may do is granted to it explicitly.
const fn roles(action: Action) -> &'static [Role] {
    use Role::{Admin, Guest, Operator, Viewer};
    match action {
        Action::Live | Action::ListCameras => &[Admin, Operator, Viewer, Guest],
        Action::Playback
        | Action::Faces
        | Action::ReadEvents
        | Action::ReadIncidents
        | Action::ReadDevices => &[Admin, Operator, Viewer],
        Action::Export
        | Action::Control
        | Action::ManageHolds
        | Action::ReadSystem
        | Action::ManageTokens
        | Action::ControlDevices
        | Action::Arm
        | Action::ReadMetrics
        | Action::ManageIncidents => &[Admin, Operator],
        Action::Configure
        | Action::ManageCameras
        | Action::Maintain
        | Action::ReadAudit
        | Action::ManageUsers
        | Action::ManagePeople
        | Action::ManageNotifications
        | Action::ManageRules => &[Admin],
    }
}

/// What somebody needs on one camera at least, to do this with the house although the role does not
/// say so: without it a guest could not find the one camera whose footage was opened to them.
const fn follows_from(action: Action) -> Option<Action> {
    match action {
        Action::ListCameras => Some(Action::Live),
        Action::ReadEvents => Some(Action::Playback),
        _ => None,
    }
}

/// The rules in force.
#[derive(Debug, Default)]
pub struct Policy {
    by_user: RwLock<HashMap<UserId, Arc<CameraAccess>>>,
}

impl Policy {
    /// The rules by role, none for single accounts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an account's rules about single cameras; they hold from the next question on.
    pub fn set_camera_access(&self, user: UserId, access: CameraAccess) {
        let mut by_user = self.by_user.write().unwrap_or_else(PoisonError::into_inner);
        if access == CameraAccess::default() {
            by_user.remove(&user);
        } else {
            by_user.insert(user, Arc::new(access));
        }
    }

    fn camera_access(&self, user: UserId) -> Option<Arc<CameraAccess>> {
        self.by_user.read().unwrap_or_else(PoisonError::into_inner).get(&user).cloned()
    }

    /// The one question.
    fn permits(&self, principal: &Principal, action: Action, camera: Option<CameraId>) -> bool {
        match principal {
            Principal::Owner => true,
            Principal::User { user, role, .. } => {
                self.account_permits(*user, *role, action, camera)
            }
            // A token narrows its account and never widens it.
            Principal::Machine { user, role, scope, .. } => {
                scope.admits(action, camera) && self.account_permits(*user, *role, action, camera)
            }
        }
    }

    fn account_permits(
        &self,
        user: UserId,
        role: Role,
        action: Action,
        camera: Option<CameraId>,
    ) -> bool {
        let by_role = roles(action).contains(&role);
        if role == Role::Admin {
            return by_role;
        }
        let Some(access) = self.camera_access(user) else { return by_role };
        match camera {
            Some(camera) => access.says(camera, action).unwrap_or(by_role),
            None => by_role || follows_from(action).is_some_and(|needed| access.anywhere(needed)),
        }
    }

    fn ask(
        &self,
        principal: &Principal,
        action: Action,
        camera: Option<CameraId>,
    ) -> Result<(), Denied> {
        // A question about a camera that names none, or the reverse, is a mistake in a route table
        // and gets the default answer.
        let fits = (action.scope() == Scope::Camera) == camera.is_some();
        let permitted = fits && self.permits(principal, action, camera);
        permitted.then_some(()).ok_or(Denied::Forbidden { action })
    }

    /// Asks for `A` on one camera.
    pub fn camera<A: CameraAction>(
        &self,
        principal: &Principal,
        camera: CameraId,
    ) -> Result<CameraGrant<A>, Denied> {
        self.ask(principal, A::ACTION, Some(camera))?;
        Ok(CameraGrant::new(camera, principal.clone()))
    }

    /// Asks for `A` on the house.
    pub fn house<A: HouseAction>(&self, principal: &Principal) -> Result<HouseGrant<A>, Denied> {
        self.ask(principal, A::ACTION, None)?;
        Ok(HouseGrant::new(principal.clone()))
    }

    /// Asks for one's own account: only a person who is signed in has one.
    pub fn account(&self, principal: &Principal) -> Result<AccountGrant, Denied> {
        match principal {
            Principal::User { user, session, .. } => {
                Ok(AccountGrant::new(*user, *session, principal.clone()))
            }
            Principal::Machine { .. } | Principal::Owner => Err(Denied::NotAPerson),
        }
    }

    /// Asks for what only the owner of the process may do.
    pub fn owner(&self, principal: &Principal) -> Result<OwnerGrant, Denied> {
        match principal {
            Principal::Owner => Ok(OwnerGrant::new(principal.clone())),
            Principal::User { .. } | Principal::Machine { .. } => Err(Denied::NotOwner),
        }
    }

    /// Whether a request gets through to a route. `camera` is the one that the route names.
    ///
    /// The handler behind it still asks for its grant; this is the fence in front of the door.
    pub fn admit(
        &self,
        principal: Option<&Principal>,
        access: Access,
        camera: Option<CameraId>,
    ) -> Result<(), Denied> {
        match (access, principal) {
            (Access::Open, _) | (Access::SignedIn, Some(_)) => Ok(()),
            (_, None) => Err(Denied::SignedOut),
            (Access::Account, Some(principal)) => self.account(principal).map(drop),
            (Access::Owner, Some(principal)) => self.owner(principal).map(drop),
            (Access::House(action), Some(principal)) => self.ask(principal, action, None),
            (Access::Camera(action), Some(principal)) => {
                let camera = camera.ok_or(Denied::Forbidden { action })?;
                self.ask(principal, action, Some(camera))
            }
        }
    }

    /// Whether a principal may know that a camera exists: whoever may do anything with it. Lists
    /// are filtered by this (promise T-05).
    pub fn visible(&self, principal: &Principal, camera: CameraId) -> bool {
        Action::OF_CAMERAS.into_iter().any(|action| self.permits(principal, action, Some(camera)))
    }

    /// Whether a principal may know what happened at a camera: whoever may look at its footage.
    pub fn recalls(&self, principal: &Principal, camera: CameraId) -> bool {
        self.permits(principal, Action::Playback, Some(camera))
    }

    /// Whether a principal may set a camera up.
    pub fn configures(&self, principal: &Principal, camera: CameraId) -> bool {
        self.permits(principal, Action::Configure, Some(camera))
    }

    /// Whether a principal may know whom a camera recognised.
    pub fn names(&self, principal: &Principal, camera: CameraId) -> bool {
        self.permits(principal, Action::Faces, Some(camera))
    }

    /// Whether a principal may read facts of a kind at all; facts about a camera must also pass
    /// [`Policy::recalls`].
    pub fn reads(&self, principal: &Principal, kind: EventKind) -> bool {
        let action = match kind {
            EventKind::SignedIn | EventKind::SignInFailed | EventKind::SecuritySummaryMade => {
                Action::ReadAudit
            }
            EventKind::IncidentOpened
            | EventKind::IncidentEscalated
            | EventKind::IncidentAcknowledged
            | EventKind::IncidentResolved => Action::ReadIncidents,
            EventKind::DeviceAdded
            | EventKind::DeviceRemoved
            | EventKind::DeviceStateChanged
            | EventKind::DeviceControlChanged
            | EventKind::DeviceScheduleMissed
            | EventKind::DeviceLimitReached
            | EventKind::DeviceNoticed
            | EventKind::HousePrivacyChanged
            | EventKind::AlarmChanged
            | EventKind::RuleRan => Action::ReadDevices,
            _ => Action::ReadEvents,
        };
        self.permits(principal, action, None)
    }
}

#[cfg(test)]
mod tests;
