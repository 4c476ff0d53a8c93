//! What a route asks for, as data: the API's one route table carries one of these a row.

use crate::Action;

/// Who gets through to a route. A route without one does not exist (promise V-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, signed in or not.
    Open,
    /// Anybody who is signed in, a program with a token too.
    SignedIn,
    /// A person who is signed in; the route is about their own account. No program has one.
    Account,
    /// The owner of the process, on the control socket only.
    Owner,
    /// Whoever may do this with the house.
    House(Action),
    /// Whoever may do this with the camera that the route names.
    Camera(Action),
}
