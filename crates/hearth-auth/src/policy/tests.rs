use std::collections::BTreeSet;

use super::*;
use crate::ask;

const ROLES: [Role; 5] = [Role::Admin, Role::Operator, Role::Viewer, Role::Guest, Role::Service];

fn user(role: Role) -> Principal {
    let name = UserName::new("anna").expect("a name");
    Principal::User { user: UserId::new(), name, role, session: SessionId::new() }
}

/// The table as people read it: one letter a role, in the order of `ROLES`.
const TABLE: [(Action, &str); 24] = [
    (Action::Live, "AOVG-"),
    (Action::Playback, "AOV--"),
    (Action::Export, "AO---"),
    (Action::Control, "AO---"),
    (Action::Configure, "A----"),
    (Action::Faces, "AOV--"),
    (Action::ListCameras, "AOVG-"),
    (Action::ReadEvents, "AOV--"),
    (Action::ManageCameras, "A----"),
    (Action::ManageHolds, "AO---"),
    (Action::ReadSystem, "AO---"),
    (Action::Maintain, "A----"),
    (Action::ReadAudit, "A----"),
    (Action::ManageUsers, "A----"),
    (Action::ManageTokens, "AO---"),
    (Action::ManagePeople, "A----"),
    (Action::ControlDevices, "AO---"),
    (Action::ManageNotifications, "A----"),
    (Action::Arm, "AO---"),
    (Action::ManageRules, "A----"),
    (Action::ReadMetrics, "AO---"),
    (Action::ReadIncidents, "AOV--"),
    (Action::ManageIncidents, "AO---"),
    (Action::ReadDevices, "AOV--"),
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
    for access in [Access::Account, Access::Owner] {
        assert_eq!(policy.admit(None, access, None), Err(Denied::SignedOut));
    }
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
    assert!(!policy.reads(&user(Role::Guest), EventKind::IncidentOpened));
    assert!(policy.reads(&user(Role::Viewer), EventKind::IncidentOpened));
    assert!(!policy.reads(&user(Role::Operator), EventKind::SecuritySummaryMade));
}

fn user_id(principal: &Principal) -> UserId {
    match principal {
        Principal::User { user, .. } | Principal::Machine { user, .. } => *user,
        Principal::Owner => unreachable!("not in these tests"),
    }
}

/// The same account by a token of this scope.
fn by_token(person: &Principal, actions: &[Action], cameras: Option<&[CameraId]>) -> Principal {
    let Principal::User { user, role, .. } = person else { unreachable!("a person") };
    let scope = TokenScope {
        cameras: cameras.map(|cameras| cameras.iter().copied().collect()),
        ..TokenScope::of(actions.iter().copied())
    };
    let name = TokenName::new("panel").expect("a name");
    let (token, scope) = (TokenId::new(), Arc::new(scope));
    Principal::Machine { token, name, user: *user, role: *role, scope }
}

fn access(only_listed: bool, camera: CameraId, actions: &[Action]) -> CameraAccess {
    let actions: BTreeSet<Action> = actions.iter().copied().collect();
    CameraAccess { only_listed, cameras: [(camera, actions)].into() }
}

fn may(policy: &Policy, principal: &Principal, action: Action, camera: CameraId) -> bool {
    policy.admit(Some(principal), Access::Camera(action), Some(camera)).is_ok()
}

/// promise: T-05. A viewer who is given the front door sees the front door and no other camera.
#[test]
fn rules_about_cameras_restrict_an_account_to_some() {
    let (policy, viewer) = (Policy::new(), user(Role::Viewer));
    let (door, garden) = (CameraId::new(), CameraId::new());
    policy.set_camera_access(user_id(&viewer), access(true, door, &[Action::Live]));
    assert!(may(&policy, &viewer, Action::Live, door));
    assert!(!may(&policy, &viewer, Action::Playback, door), "the entry decides alone");
    assert!(!policy.recalls(&viewer, door));
    for action in Action::OF_CAMERAS {
        assert!(!may(&policy, &viewer, action, garden), "{action:?}");
    }
    assert!(policy.visible(&viewer, door) && !policy.visible(&viewer, garden));
    let other = user(Role::Viewer);
    assert!(may(&policy, &other, Action::Playback, garden), "a rule is for one account");
    policy.set_camera_access(user_id(&viewer), CameraAccess::default());
    assert!(may(&policy, &viewer, Action::Playback, garden), "and can be taken back");
}

/// promise: T-05. A rule also extends a role, for its camera and its actions only.
#[test]
fn rules_about_cameras_extend_an_account_on_some() {
    let (policy, guest, service) = (Policy::new(), user(Role::Guest), user(Role::Service));
    let (door, garden) = (CameraId::new(), CameraId::new());
    let more = [Action::Live, Action::Playback, Action::Configure];
    for principal in [&guest, &service] {
        policy.set_camera_access(user_id(principal), access(false, door, &more));
        for action in Action::OF_CAMERAS {
            let expected = more.contains(&action);
            assert_eq!(may(&policy, principal, action, door), expected, "{action:?}");
        }
        assert!(!may(&policy, principal, Action::Playback, garden));
        assert!(policy.house::<ask::ListCameras>(principal).is_ok(), "or it could not be found");
        assert!(policy.house::<ask::ReadEvents>(principal).is_ok());
        assert!(policy.house::<ask::ManageHolds>(principal).is_err());
        assert!(!policy.reads(principal, EventKind::SignedIn));
    }
    assert!(may(&policy, &guest, Action::Live, garden), "what the role says stays");
    assert!(!policy.visible(&service, garden));
}

#[test]
fn administrators_have_every_camera_whatever_the_rules_say() {
    let (policy, admin, door) = (Policy::new(), user(Role::Admin), CameraId::new());
    policy.set_camera_access(user_id(&admin), access(true, door, &[]));
    assert!(may(&policy, &admin, Action::Configure, door));
}

/// promise: V-02, V-03. For every role, every scope of one action, and every action: a token may
/// exactly what both its scope and its account may.
#[test]
fn a_token_narrows_its_account_and_never_widens_it() {
    let policy = Policy::new();
    let (door, garden) = (CameraId::new(), CameraId::new());
    for role in ROLES {
        let person = user(role);
        for scoped in Action::ALL {
            let token = by_token(&person, &[scoped], Some(&[door]));
            for asked in Action::ALL {
                let (access, camera) = match asked.scope() {
                    Scope::Camera => (Access::Camera(asked), Some(door)),
                    Scope::House => (Access::House(asked), None),
                };
                let account = policy.admit(Some(&person), access, camera).is_ok();
                // Rules see all cameras, and this token one.
                let is_for_it = asked.is_for_programs() && asked != Action::ManageRules;
                let expected = account && asked == scoped && is_for_it;
                let admitted = policy.admit(Some(&token), access, camera).is_ok();
                assert_eq!(admitted, expected, "{role:?} {scoped:?} {asked:?}");
            }
            assert!(!policy.visible(&token, garden), "another camera");
        }
    }
}

/// promise: V-03. A token never has an account: its password, sessions and second factors are out
/// of its reach, and so is what is for the owner of the process.
#[test]
fn only_people_have_accounts_and_only_the_owner_is_the_owner() {
    let policy = Policy::new();
    let person = user(Role::Admin);
    let token = by_token(&person, &Action::ALL, None);
    let grant = policy.account(&person).expect("a person");
    assert_eq!((grant.user(), grant.principal()), (user_id(&person), &person));
    for principal in [&token, &Principal::Owner] {
        assert_eq!(policy.account(principal).map(drop), Err(Denied::NotAPerson));
        let refused = policy.admit(Some(principal), Access::Account, None);
        assert_eq!(refused, Err(Denied::NotAPerson));
    }
    for principal in [&token, &person] {
        assert_eq!(policy.owner(principal).map(drop), Err(Denied::NotOwner));
        let refused = policy.admit(Some(principal), Access::Owner, None);
        assert_eq!(refused, Err(Denied::NotOwner));
    }
    assert!(policy.owner(&Principal::Owner).is_ok());
}
