//! A camera's address as somebody gave it: what is kept of it is free of secrets, and the camera's one
//! account goes where accounts go.
//!
//! promise: T-17, V-24.

use hearth_model::SourceUrl;
use hearth_secret::SecretString;

use crate::error::{Result, UseCaseError};

/// User name and password.
type Account = (String, SecretString);

/// Reads an address. The account in it becomes `account`, or is the same.
///
/// # Errors
/// `bad_url`; `two_passwords` if the camera would have two accounts.
pub fn split_source(text: &SecretString, account: &mut Option<Account>) -> Result<SourceUrl> {
    let (url, found) = SourceUrl::split(text.expose())
        .map_err(|error| UseCaseError::bad_input("bad_url", format!("{error}.")))?;
    if let Some((username, password)) = found {
        let found = (username, SecretString::new(password));
        match account {
            Some(given) if !is_of(&found, given) => {
                let message =
                    "The address holds another user name or password than was given with it.";
                return Err(UseCaseError::bad_input("two_passwords", message));
            }
            Some(_) => {}
            None => *account = Some(found),
        }
    }
    Ok(url)
}

/// Whether what an address holds is of an account; some hold no user name.
fn is_of(found: &Account, account: &Account) -> bool {
    let is_same_name = found.0.is_empty() || found.0 == account.0;
    is_same_name && found.1.expose() == account.1.expose()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: T-17. A camera has one account, and no address keeps its password.
    #[test]
    fn a_camera_has_one_account_wherever_it_is_given() {
        let mut account = None;
        let mut read = |text: &str| split_source(&SecretString::from(text), &mut account);
        let url = read("rtsp://10.0.0.5/live?pwd=s3cret&usr=anna").expect("an address");
        assert_eq!(url.to_string(), "rtsp://10.0.0.5:554/live?pwd={password}&usr={username}");
        for same in ["rtsp://anna:s3cret@10.0.0.5/sub", "rtsp://10.0.0.5/sub?pwd=s3cret"] {
            assert!(!read(same).expect("the same").to_string().contains("s3cret"), "{same}");
        }
        for (other, code) in [
            ("rtsp://10.0.0.5/sub?pwd=other", "two_passwords"),
            ("rtsp://bert:s3cret@10.0.0.5/sub", "two_passwords"),
            ("rtsp://10.0.0.5/sub?pwd=a&token=b", "bad_url"),
        ] {
            assert_eq!(read(other).expect_err("refused").code, code, "{other}");
        }
        let (name, password) = account.expect("an account");
        assert_eq!((name.as_str(), password.expose().as_str()), ("anna", "s3cret"));
    }
}
