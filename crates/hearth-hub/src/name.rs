//! What people call devices, rooms, persons, groups of them and replies: one line, as for cameras, and a type for each so that
//! one cannot stand where the other belongs.

use std::fmt;

use hearth_model::CameraName;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone,
            Debug,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            serde::Serialize,
            serde::Deserialize,
            utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = String)]
        pub struct $name(CameraName);

        impl $name {
            /// One line of 1 to 64 characters, no control characters, no space at the ends.
            pub fn new(text: &str) -> Option<Self> {
                CameraName::new(text).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

names! {
    /// What a device or a room is called.
    DeviceName;
    /// What a person is called.
    PersonName;
    /// What a group of people is called.
    GroupName;
    /// What a quick reply is called.
    ReplyName;
}
