//! In which ways these cameras are weak. promise: K-04.

/// One way in which a camera's own protection is weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weakness {
    /// The certificate says nothing about who the camera is; only its pin does.
    SelfSignedCertificate,
    /// Each request carries the password itself, so whoever sits between once has it for good.
    ReusablePassword,
    /// The password opens the owner's whole cloud account, not this camera alone.
    CloudAccountPassword,
    /// User name and password are the same in every camera of the world.
    PublicPassword,
    /// What lies below TLS is obfuscated, not encrypted.
    ReversibleObfuscation,
}

impl Weakness {
    /// For people: what it means and what to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::SelfSignedCertificate => {
                "The certificate is the camera's own. Compare its fingerprint once, then it is pinned."
            }
            Self::ReusablePassword => {
                "The password is sent with every request. Keep the camera in a network of its own."
            }
            Self::CloudAccountPassword => {
                "The password is the one of the cloud account. Use an account for cameras only, with a \
                 password used nowhere else."
            }
            Self::PublicPassword => {
                "Whoever reaches the camera controls it: its password is public. Keep it in a network \
                 of its own."
            }
            Self::ReversibleObfuscation => {
                "Without TLS everybody could read along; the obfuscation below it protects nothing."
            }
        }
    }
}
