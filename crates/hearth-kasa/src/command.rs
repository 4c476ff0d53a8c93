//! What every command has in common.

use serde_json::{Map, Value};

use crate::{Error, answer::Answered};

/// A command to a camera. Only the types of this crate are commands: nothing untyped leaves
/// (promise K-02).
pub trait Command: sealed::Wire {
    /// What the camera says to it.
    type Answer;

    /// Reads the camera's answer, in which `err_code` was 0.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is not an answer to this command.
    fn read(&self, answer: Map<String, Value>) -> Result<Self::Answer, Error>;

    /// Module and method, for logs and errors.
    fn name(&self) -> String {
        format!("{}.{}", self.module().trim_start_matches(CAMERA), self.method())
    }
}

/// What the names of nearly all modules begin with.
pub(crate) const CAMERA: &str = "smartlife.cam.ipcamera.";

pub(crate) mod sealed {
    use serde_json::Value;

    /// A command as the camera reads it.
    pub trait Wire {
        /// The module.
        fn module(&self) -> &'static str;
        /// The method.
        fn method(&self) -> &'static str;
        /// Its parameters, an object.
        fn params(&self) -> Value;
    }
}

/// Declares a command: its module, its method, its parameters and how its answer is read.
macro_rules! command {
    ($type:ty, $module:expr, $method:expr, |$me:ident| $params:expr, $answer:ty) => {
        impl $crate::command::sealed::Wire for $type {
            fn module(&self) -> &'static str {
                #[allow(unused_variables, reason = "the same for all values of most commands")]
                let $me = self;
                $module
            }
            fn method(&self) -> &'static str {
                #[allow(unused_variables, reason = "the same for all values of most commands")]
                let $me = self;
                $method
            }
            fn params(&self) -> serde_json::Value {
                #[allow(unused_variables, reason = "the same for all values of most commands")]
                let $me = self;
                $params
            }
        }
        impl $crate::Command for $type {
            type Answer = $answer;
            fn read(
                &self,
                answer: serde_json::Map<String, serde_json::Value>,
            ) -> Result<$answer, $crate::Error> {
                <$answer as $crate::answer::Answered>::read(answer)
            }
        }
    };
}
pub(crate) use command;

impl Answered for () {
    fn read(_: Map<String, Value>) -> Result<Self, Error> {
        Ok(())
    }
}
