//! The body of a form (`application/x-www-form-urlencoded`).

use std::fmt::Write;

use hearth_secret::SecretString;

/// Fields with everything encoded that is not plain. Secret, because passwords are sent so.
pub(crate) fn form(fields: &[(&str, &str)]) -> SecretString {
    // Room for every byte to be encoded, so that no half-written copy is left behind by growing.
    let bytes = fields.iter().map(|(name, value)| 2 + 3 * (name.len() + value.len())).sum();
    let mut body = String::with_capacity(bytes);
    for (name, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        encode(&mut body, name);
        body.push('=');
        encode(&mut body, value);
    }
    SecretString::new(body)
}

fn encode(body: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            body.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(body, "%{byte:02X}").unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_not_plain_is_encoded() {
        let body = form(&[("email", "a+b@c.de"), ("password", "p&=ö %")]);
        assert_eq!(body.expose(), "email=a%2Bb%40c.de&password=p%26%3D%C3%B6%20%25");
    }
}
