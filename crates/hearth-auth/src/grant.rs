//! Proof that the policy said yes.
//!
//! Use cases take a grant instead of a principal and an id, so no handler can reach media, a device
//! or a setting without having asked the [`Policy`](crate::Policy) for exactly that. Only the policy
//! builds grants: their fields are private and there is no other constructor.
//!
//! A grant is proof for the moment it was made. What lasts (a live view) asks again from time to
//! time, so that a revoked session or role ends it.
//!
//! ```compile_fail,E0451
//! use hearth_auth::{CameraGrant, Principal, ask};
//! let camera = hearth_model::CameraId::new();
//! let grant: CameraGrant<ask::Export> =
//!     CameraGrant { camera, principal: Principal::Owner, action: std::marker::PhantomData };
//! ```
//!
//! Nor can a grant for one thing be used for another:
//!
//! ```compile_fail,E0308
//! use hearth_auth::{CameraGrant, Denied, Policy, Principal, ask};
//! fn export(_: CameraGrant<ask::Export>) {}
//! let camera = hearth_model::CameraId::new();
//! export(Policy::new().camera::<ask::Live>(&Principal::Owner, camera).expect("the owner may"));
//! ```

use std::fmt;
use std::marker::PhantomData;

use hearth_model::{CameraId, SessionId, UserId};

use crate::{Action, CameraAction, HouseAction, Principal};

/// A principal may do `A` with one camera.
pub struct CameraGrant<A: CameraAction> {
    camera: CameraId,
    principal: Principal,
    action: PhantomData<fn() -> A>,
}

impl<A: CameraAction> CameraGrant<A> {
    pub(crate) fn new(camera: CameraId, principal: Principal) -> Self {
        Self { camera, principal, action: PhantomData }
    }

    /// Which camera.
    pub fn camera(&self) -> CameraId {
        self.camera
    }

    /// Who.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What.
    pub fn action(&self) -> Action {
        A::ACTION
    }
}

impl<A: CameraAction> fmt::Debug for CameraGrant<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CameraGrant({:?}, {}, {:?})", A::ACTION, self.camera, self.principal)
    }
}

/// A principal may do `A` with the house.
pub struct HouseGrant<A: HouseAction> {
    principal: Principal,
    action: PhantomData<fn() -> A>,
}

impl<A: HouseAction> HouseGrant<A> {
    pub(crate) fn new(principal: Principal) -> Self {
        Self { principal, action: PhantomData }
    }

    /// Who.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What.
    pub fn action(&self) -> Action {
        A::ACTION
    }
}

impl<A: HouseAction> fmt::Debug for HouseGrant<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HouseGrant({:?}, {:?})", A::ACTION, self.principal)
    }
}

/// A person acts on their own account, by a sign-in of theirs.
pub struct AccountGrant {
    user: UserId,
    session: SessionId,
    principal: Principal,
}

impl AccountGrant {
    pub(crate) fn new(user: UserId, session: SessionId, principal: Principal) -> Self {
        Self { user, session, principal }
    }

    /// Which account.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// By which sign-in.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// Who.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
}

impl fmt::Debug for AccountGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountGrant({:?})", self.principal)
    }
}

/// Whoever runs the hub acts on it, on its own machine.
pub struct OwnerGrant {
    principal: Principal,
}

impl OwnerGrant {
    pub(crate) fn new(principal: Principal) -> Self {
        Self { principal }
    }

    /// Who.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
}

impl fmt::Debug for OwnerGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnerGrant({:?})", self.principal)
    }
}
