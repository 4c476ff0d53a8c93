//! Moves.

use std::time::Duration;

use hearth_model::SourceUrl;

use super::{
    AnswerError, Element, NAMESPACE, Node, Operation, OutOfRange, Range, Service, Token, Vector,
    Writer,
};

/// What all moves answer: that they were begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movement;

/// Moves until it is stopped or its time is over.
#[derive(Clone, Debug, PartialEq)]
pub struct ContinuousMove {
    profile: Token,
    velocity: Vector,
    timeout: Duration,
}

impl ContinuousMove {
    /// A camera whose stop got lost must not turn for ever.
    pub const TIMEOUT_MAX: Duration = Duration::from_secs(60);

    /// A move that ends by itself after `timeout`.
    ///
    /// # Errors
    /// If the velocity or the time is beyond what the node can do.
    pub fn new(
        profile: Token,
        node: &Node,
        velocity: Vector,
        timeout: Duration,
    ) -> Result<Self, OutOfRange> {
        let velocity = node.continuous.check(velocity)?;
        let seconds = Range { min: 0.1, max: Self::TIMEOUT_MAX.as_secs_f32() };
        seconds.check("seconds", timeout.as_secs_f32())?;
        Ok(Self { profile, velocity, timeout })
    }
}

/// Goes to a position.
#[derive(Clone, Debug, PartialEq)]
pub struct AbsoluteMove {
    profile: Token,
    position: Vector,
}

impl AbsoluteMove {
    /// A move to a position.
    ///
    /// # Errors
    /// If the node cannot point there.
    pub fn new(profile: Token, node: &Node, position: Vector) -> Result<Self, OutOfRange> {
        Ok(Self { profile, position: node.absolute.check(position)? })
    }
}

/// Goes a step.
#[derive(Clone, Debug, PartialEq)]
pub struct RelativeMove {
    profile: Token,
    translation: Vector,
}

impl RelativeMove {
    /// A step from where it points.
    ///
    /// # Errors
    /// If the node cannot make such a step.
    pub fn new(profile: Token, node: &Node, translation: Vector) -> Result<Self, OutOfRange> {
        Ok(Self { profile, translation: node.relative.check(translation)? })
    }
}

/// Stops all movement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Of which profile's node.
    pub profile: Token,
}

macro_rules! movement {
    ($name:ident, $text:literal, $write:expr) => {
        impl Operation for $name {
            type Answer = Movement;
            const SERVICE: Service = Service::Ptz;
            const NAME: &'static str = $text;
            const NAMESPACE: &'static str = NAMESPACE;

            fn write(&self, body: &mut Writer) {
                body.leaf("o:ProfileToken", &self.profile);
                let write: fn(&Self, &mut Writer) = $write;
                write(self, body);
            }

            fn read(_: &Element, _: &SourceUrl) -> Result<Movement, AnswerError> {
                Ok(Movement)
            }
        }
    };
}

movement!(ContinuousMove, "ContinuousMove", |this, body| {
    body.element("o:Velocity", |inside| this.velocity.write(inside));
    body.leaf("o:Timeout", format_args!("PT{}S", this.timeout.as_secs_f32()));
});

movement!(AbsoluteMove, "AbsoluteMove", |this, body| {
    body.element("o:Position", |inside| this.position.write(inside));
});

movement!(RelativeMove, "RelativeMove", |this, body| {
    body.element("o:Translation", |inside| this.translation.write(inside));
});

movement!(Stop, "Stop", |_, body| {
    body.leaf("o:PanTilt", true);
    body.leaf("o:Zoom", true);
});
