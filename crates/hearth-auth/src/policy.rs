//! The one gate: who may do what, on which camera.
//!
//! Pure data and one question, [`Policy::permits`]; everything not in the table is denied. Every
//! way to ask (grants for use cases, [`Access`] for routes, [`Policy::visible`] for lists) ends in
//! that question, so there is one place to read and one place to change.

use hearth_model::{CameraId, EventKind, Fault, FaultKind, Role, SessionId, UserId};

use crate::{
    Access, Action, CameraAction, CameraGrant, HouseAction, HouseGrant, Scope, UserName, ask,
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
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        let kind = match denied {
            Denied::SignedOut => FaultKind::Unauthenticated,
            Denied::Forbidden { .. } => FaultKind::Denied,
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
        Action::Playback | Action::ReadEvents => &[Admin, Operator, Viewer],
        Action::Export | Action::Control | Action::ManageHolds | Action::ReadSystem => {
            &[Admin, Operator]
        }
        Action::Configure
        | Action::ManageCameras
        | Action::Maintain
        | Action::ReadAudit
        | Action::ManageUsers => &[Admin],
    }
}

/// The rules in force.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Policy {}

impl Policy {
    /// The rules by role.
    pub fn new() -> Self {
        Self::default()
    }

    /// The one question. Rules about single cameras become rows of `Policy` and are read here,
    /// after the table of roles.
    fn permits(&self, principal: &Principal, action: Action) -> bool {
        match principal {
            Principal::Owner => true,
            Principal::User { role, .. } => roles(action).contains(role),
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
        let permitted = fits && self.permits(principal, action);
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
            (Access::House(action), Some(principal)) => self.ask(principal, action, None),
            (Access::Camera(action), Some(principal)) => {
                let camera = camera.ok_or(Denied::Forbidden { action })?;
                self.ask(principal, action, Some(camera))
            }
        }
    }

    /// Whether a principal may know that a camera exists: what lists and facts are filtered by
    /// (promise T-05).
    pub fn visible(&self, principal: &Principal, camera: CameraId) -> bool {
        self.camera::<ask::Live>(principal, camera).is_ok()
    }

    /// Whether a principal may read facts of a kind at all; facts about a camera must also pass
    /// [`Policy::visible`].
    pub fn reads(&self, principal: &Principal, kind: EventKind) -> bool {
        let action = match kind {
            EventKind::SignedIn | EventKind::SignInFailed => Action::ReadAudit,
            _ => Action::ReadEvents,
        };
        self.permits(principal, action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: [Role; 5] =
        [Role::Admin, Role::Operator, Role::Viewer, Role::Guest, Role::Service];

    fn user(role: Role) -> Principal {
        let name = UserName::new("anna").expect("a name");
        Principal::User { user: UserId::new(), name, role, session: SessionId::new() }
    }

    /// The table as people read it: one letter a role, in the order of `ROLES`.
    const TABLE: [(Action, &str); 13] = [
        (Action::Live, "AOVG-"),
        (Action::Playback, "AOV--"),
        (Action::Export, "AO---"),
        (Action::Control, "AO---"),
        (Action::Configure, "A----"),
        (Action::ListCameras, "AOVG-"),
        (Action::ReadEvents, "AOV--"),
        (Action::ManageCameras, "A----"),
        (Action::ManageHolds, "AO---"),
        (Action::ReadSystem, "AO---"),
        (Action::Maintain, "A----"),
        (Action::ReadAudit, "A----"),
        (Action::ManageUsers, "A----"),
    ];

    fn admitted(principal: &Principal, action: Action) -> bool {
        let (access, camera) = match action.scope() {
            Scope::Camera => (Access::Camera(action), Some(CameraId::new())),
            Scope::House => (Access::House(action), None),
        };
        Policy::new().admit(Some(principal), access, camera).is_ok()
    }

    /// promise: V-03, T-05. Each role may do exactly what this table says, and nothing else.
    #[test]
    fn every_role_may_do_what_the_table_says_and_nothing_else() {
        assert_eq!(TABLE.map(|row| row.0), Action::ALL);
        for (action, letters) in TABLE {
            for (role, letter) in ROLES.into_iter().zip(letters.chars()) {
                assert_eq!(admitted(&user(role), action), letter != '-', "{role:?} {action:?}");
            }
        }
    }

    /// promise: V-03. A program starts with no permission at all.
    #[test]
    fn a_service_may_do_nothing_by_its_role() {
        let service = user(Role::Service);
        assert!(Action::ALL.into_iter().all(|action| !admitted(&service, action)));
        assert!(!Policy::new().visible(&service, CameraId::new()));
    }

    #[test]
    fn the_owner_of_the_process_may_do_everything() {
        assert!(Action::ALL.into_iter().all(|action| admitted(&Principal::Owner, action)));
    }

    /// promise: V-01. Without a sign-in only open routes answer.
    #[test]
    fn nobody_gets_through_to_anything_that_is_not_open() {
        let policy = Policy::new();
        let camera = Some(CameraId::new());
        assert_eq!(policy.admit(None, Access::Open, None), Ok(()));
        assert_eq!(policy.admit(None, Access::SignedIn, None), Err(Denied::SignedOut));
        for action in Action::ALL {
            for access in [Access::House(action), Access::Camera(action)] {
                assert_eq!(policy.admit(None, access, camera), Err(Denied::SignedOut));
            }
        }
    }

    /// promise: V-01. A mistake in a route table closes the route instead of opening it.
    #[test]
    fn an_action_asked_for_in_the_wrong_scope_is_denied_even_to_the_owner() {
        let policy = Policy::new();
        let (owner, camera) = (Some(&Principal::Owner), Some(CameraId::new()));
        assert!(policy.admit(owner, Access::House(Action::Live), None).is_err());
        assert!(policy.admit(owner, Access::House(Action::Live), camera).is_err());
        assert!(policy.admit(owner, Access::Camera(Action::Live), None).is_err());
        assert!(policy.admit(owner, Access::Camera(Action::ManageUsers), camera).is_err());
    }

    /// promise: T-05. A grant names the camera and the principal it was given for.
    #[test]
    fn a_grant_says_what_it_was_given_for() {
        let (policy, camera, principal) = (Policy::new(), CameraId::new(), user(Role::Viewer));
        let grant = policy.camera::<ask::Playback>(&principal, camera).expect("viewers may");
        assert_eq!((grant.camera(), grant.principal()), (camera, &principal));
        assert_eq!(grant.action(), Action::Playback);
        let denied = policy.camera::<ask::Export>(&principal, camera).expect_err("viewers may not");
        assert_eq!(Fault::from(denied).kind, FaultKind::Denied);
        assert!(policy.house::<ask::ManageUsers>(&principal).is_err());
    }

    /// promise: D-25. Who signed in is for administrators, not for everybody who sees events.
    #[test]
    fn facts_about_sign_ins_are_for_administrators() {
        let policy = Policy::new();
        assert!(policy.reads(&user(Role::Viewer), EventKind::ActivityNoticed));
        assert!(!policy.reads(&user(Role::Viewer), EventKind::SignInFailed));
        assert!(!policy.reads(&user(Role::Guest), EventKind::ActivityNoticed));
        assert!(policy.reads(&user(Role::Admin), EventKind::SignInFailed));
    }
}
